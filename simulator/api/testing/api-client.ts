// Client of the simulator's API for tests; validates every response against schemas/simulator-api.yaml.
import { AssertionError } from 'node:assert';
import { describeSchemaErrors } from '../../../schemas/validators.ts';
import { type ApiMethod, readApiDescription } from '../api-description.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the API description defines it, and each response is validated against it.
  readonly body: any;
}

const { operations } = readApiDescription();

/** Operations that returned a successful response to any client in this process. */
export const succeeded = new Set<string>();

/** Creates a function that sends a request and asserts that the API description contains the response. `authorization` null: not sent. */
export function createApiClient(url: string, authorization: string | null) {
  return async (
    method: ApiMethod,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> => {
    const response = await fetch(url + path, {
      method: method.toUpperCase(),
      headers: {
        ...headers,
        ...(authorization !== null && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    assertDescribed(method, path, answer);
    return answer;
  };
}

/** @throws {AssertionError} for a response that the description does not contain. */
function assertDescribed(method: ApiMethod, path: string, { status, body }: ApiAnswer): void {
  const [pathname = ''] = path.split('?');
  const operation = operations.find((each) => each.method === method && patternOf(each.path).test(pathname));
  const where = `${method} ${pathname}: ${status}`;
  if (status >= 400) {
    const validate = operation?.validateRefusal ?? operations[0]?.validateRefusal;
    // The status is compared first, so that the validator narrows the type of the body.
    if (body?.statusCode === status && validate?.(body)) return;
    throw new AssertionError({ message: `${where} is no refusal: ${describeSchemaErrors(validate?.errors)}` });
  }
  if (!operation) throw new AssertionError({ message: `${where}, and it is not described` });
  if (status !== operation.successStatus) throw new AssertionError({ message: `${where} is not described` });
  if (operation.validateAnswer === null ? body !== null : !operation.validateAnswer(body)) {
    throw new AssertionError({ message: `${where}: ${describeSchemaErrors(operation.validateAnswer?.errors)}` });
  }
  succeeded.add(operation.id);
}

/**
 * Returns the pattern of the paths that a described path matches. Constant path segments are matched before parameters, as in the order of the
 * description.
 */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
