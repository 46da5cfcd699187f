// Owns asking the simulator's REST API from the console: in whose name, and what a refusal is.

/** What the API refused, in its words; `status` 0: it was not reached. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const tokenName = 'simulator-token';

/** Kept until the tab is closed. */
export const session = {
  get token(): string | null {
    return sessionStorage.getItem(tokenName);
  },
  begin(token: string): void {
    sessionStorage.setItem(tokenName, token);
  },
  end(): void {
    sessionStorage.removeItem(tokenName);
    dispatchEvent(new Event('session-ended'));
  },
};

async function request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  if (hasDotSegment(path)) throw new Refusal(400, 'A name that is . or .. can not be asked for by a browser.');
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(session.token !== null && { authorization: `Bearer ${session.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0, 'The simulator cannot be reached. Check that `user-info simulate serve` is running.');
  }
  if (response.ok) return response;
  const { message = response.statusText } = (await response.json().catch(() => ({}))) as { message?: string };
  // The token is over, or its user may no longer: whoever is there has to log in again.
  if (response.status === 401) session.end();
  throw new Refusal(response.status, message);
}

/** A browser takes such a part away with the one before it, so that something else would be asked for, or deleted. */
function hasDotSegment(path: string): boolean {
  return /\/\.{1,2}(?:[/?]|$)/.test(path);
}

/** @throws {Refusal} */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await request(method, path, body);
  return (response.status === 204 ? null : await response.json()) as Answer;
}

/** From an API key to a session. @throws {Refusal} */
export async function logIn(apikey: string): Promise<void> {
  const { token } = await ask<{ token: string }>('POST', '/bim/apikey/authenticate', { apikey });
  session.begin(token);
  // A key of somebody who may not administer is told at once.
  await ask('GET', '/bim/iam').catch((error) => {
    session.end();
    throw error;
  });
}

/** Server-sent events; EventSource can't carry a token. Ends with the signal, or rejects. */
export async function listen(path: string, onData: (data: unknown) => void, signal: AbortSignal): Promise<void> {
  const { body } = await request('GET', path, undefined, signal);
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('data: ')) onData(JSON.parse(event.slice('data: '.length)));
    }
  }
}

/** A path of the API with its parameters encoded. */
export function at(strings: TemplateStringsArray, ...values: ReadonlyArray<string | number>): string {
  return strings.reduce((path, part, index) => path + encodeURIComponent(values[index - 1] ?? '') + part);
}
