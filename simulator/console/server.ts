// Sends the console's requests to the simulator's REST API; handles credentials, resource versions, errors, and a lost connection.
import { session } from './session.ts';

/** The API rejected a request with this message; `status` 0: the server could not be reached. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** For a 412, the current state of the resource. */
  readonly current: Versioned<unknown> | null;
  /** Whether the failure was recorded as a run, which has its own page and event. */
  readonly hasRun: boolean;

  constructor(
    status: number,
    message: string,
    {
      current = null,
      hasRun = false,
    }: { readonly current?: Versioned<unknown> | null; readonly hasRun?: boolean } = {},
  ) {
    super(message);
    this.status = status;
    this.current = current;
    this.hasRun = hasRun;
  }
}

/** A resource with its ETag; null: the response has none. */
export interface Versioned<Data> {
  readonly data: Data;
  readonly version: string | null;
}

interface RequestOptions {
  readonly body?: unknown;
  /** Sent as If-Match. */
  readonly version?: string | null;
  readonly signal?: AbortSignal;
}

async function send(method: string, path: string, { body, version, signal }: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: {
        ...(session.token !== null && { authorization: `Bearer ${session.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(version != null && { 'if-match': version }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    connection.lose();
    throw new Refusal(
      0,
      'The simulator cannot be reached. Check that `user-info simulate serve` is running. What you typed is kept.',
    );
  }
}

/** @throws {Refusal} */
async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  for (;;) {
    // The user is asked to log in again.
    if (session.token === null) await session.untilBegun();
    const usedToken = session.token;
    const response = await send(method, path, options);
    if (response.ok) return response;
    // The token has expired, or the server was restarted.
    if (response.status === 401 && !options.signal?.aborted) {
      if (session.token === usedToken) await renew();
      continue;
    }
    const text = (await response.json().catch(() => ({}))) as { message?: string; current?: unknown; sync?: object };
    const { message = response.statusText, current, sync } = text;
    const version = response.headers.get('etag');
    throw new Refusal(response.status, message, {
      current: response.status === 412 ? { data: current, version } : null,
      hasRun: sync !== undefined,
    });
  }
}

let renewing: Promise<void> | null = null;

/** Uses the user's key if it is still in memory; otherwise the user has to log in again. */
function renew(): Promise<void> {
  renewing ??= (async () => {
    const { key } = session;
    const isRenewed = key !== null && (await authenticate(key).catch(() => false));
    if (!isRenewed) {
      const begun = session.untilBegun();
      session.expire();
      await begun;
    }
  })().finally(() => {
    renewing = null;
  });
  return renewing;
}

/** Begins a session and returns true. @throws {Refusal} */
async function authenticate(apikey: string): Promise<true> {
  const response = await send('POST', '/bim/apikey/authenticate', { body: { apikey } });
  const body = (await response.json().catch(() => ({}))) as { token?: string; message?: string };
  if (body.token === undefined) throw new Refusal(response.status, body.message ?? response.statusText);
  // The server also accepts keys of users who may not change identities, so this is reported at login.
  const verified = await fetch('/simulator/session', { headers: { authorization: `Bearer ${body.token}` } });
  if (!verified.ok) {
    const { message = verified.statusText } = (await verified.json().catch(() => ({}))) as { message?: string };
    throw new Refusal(verified.status, message);
  }
  session.begin(body.token, apikey);
  return true;
}

/** @throws {Refusal} */
export async function ask<Answer>(
  method: string,
  path: string,
  body?: unknown,
  version: string | null = null,
): Promise<Answer> {
  const response = await request(method, path, { body, version });
  return (response.status === 204 ? null : await response.json()) as Answer;
}

/** Reads a resource with its version. @throws {Refusal} */
export async function read<Data>(path: string): Promise<Versioned<Data>> {
  const response = await request('GET', path);
  return { data: (await response.json()) as Data, version: response.headers.get('etag') };
}

/** Exchanges an API key for a session. @throws {Refusal} */
export async function logIn(apikey: string): Promise<void> {
  await authenticate(apikey);
}

/** Receives server-sent events without EventSource, which cannot send a token. Resolves when the stream ends; rejects on failure or abort. */
export async function listen(path: string, onData: (data: unknown) => void, signal: AbortSignal): Promise<void> {
  const { body } = await request('GET', path, { signal });
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

/** Returns a path of the API with its parameters encoded. Browsers remove the segments `.` and `..`; the API reads `~.` and `~..` instead. */
export function at(strings: TemplateStringsArray, ...values: ReadonlyArray<string | number>): string {
  const encode = (value: string | number) => {
    const text = String(value);
    return encodeURIComponent(/^~*\.{1,2}$/.test(text) ? `~${text}` : text);
  };
  return strings.reduce((path, part, index) => path + encode(values[index - 1] ?? '') + part);
}

const retryMs = 1000;

let isLost = false;

/** Whether the console can reach its server. Dispatches `connection-changed` on the window. */
export const connection = {
  get isLost(): boolean {
    return isLost;
  },
  /** Marks the connection as lost after a request without a response, and retries until the server responds. */
  lose(): void {
    if (isLost) return;
    isLost = true;
    dispatchEvent(new Event('connection-changed'));
    const retry = async () => {
      try {
        await fetch('/', { method: 'HEAD', cache: 'no-store' });
      } catch {
        setTimeout(retry, retryMs);
        return;
      }
      isLost = false;
      dispatchEvent(new Event('connection-changed'));
    };
    setTimeout(retry, retryMs);
  },
};
