// Verification of one endpoint against D1 to D4 of the platform's documentation, independent of the kit.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';

/** The endpoint, and what is known about it. */
export interface VerifiedEndpoint {
  readonly url: string;
  /** The CA of its certificate, as PEM. */
  readonly ca?: string;
  readonly username: string;
  readonly password: string;
  /** The expected body of each user's 200. */
  readonly users: Readonly<Record<string, unknown>>;
}

interface Sent {
  readonly userid: string;
  readonly authorization?: string;
  readonly method?: string;
}

interface Received {
  /** `null`: the connection was closed without a response. */
  readonly status: number | null;
  readonly body: string;
}

/** Sends the platform's request, on its own connection. */
async function send({ url, ca }: VerifiedEndpoint, { userid, authorization, method }: Sent): Promise<Received> {
  const target = `${url}?userid=${encodeURIComponent(userid)}`;
  const options = { agent: false, ca, method, headers: authorization === undefined ? {} : { authorization } };
  const outgoing = url.startsWith('https:') ? requestHttps(target, options) : requestHttp(target, options);
  const response = await new Promise<IncomingMessage | null>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(null);
      else reject(error);
    });
    outgoing.end();
  });
  return response ? { status: response.statusCode ?? 0, body: await text(response) } : { status: null, body: '' };
}

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Returns user names that resemble known ones, and names that are special in a database, a file system or a language. */
function makeUnknownNames(known: readonly string[]): string[] {
  const [first = ''] = known;
  const [local = ''] = first.split('@');
  const special = ['nobody@example.com', '*', '%', '_', "' OR '1'='1", '../users', 'constructor', '__proto__', 'null'];
  const resembling = [local, `${first}m`, first.slice(0, -1), ` ${first}`, `${first}\n`, `${first}\0`, `${first},x`];
  const spaceForPlus = known.filter((name) => name.includes('+')).map((name) => name.replaceAll('+', ' '));
  return [...special, ...resembling, ...spaceForPlus, `${first}' --`, '%61da@example.com'];
}

/** Returns Authorization headers that do not contain the declared credentials; `undefined`: no header. */
function makeWrongCredentials({ username, password }: VerifiedEndpoint): (string | undefined)[] {
  return [
    undefined,
    basic(username, 'wrong'),
    basic(username, ''),
    basic(username, password.slice(0, -1)),
    basic(username, `${password}x`),
    basic(username, password.toUpperCase()),
    basic(username, password.split(':')[0] ?? ''),
    basic('wrong', password),
    basic(username.toUpperCase(), password),
    basic('', ''),
    `Bearer ${Buffer.from(`${username}:${password.slice(1)}`).toString('base64')}`,
    'Basic',
    'Basic !!!',
    'Basic /w==',
  ];
}

/** lighttpd delays each failed login by a second; http.server queues five connections and drops the sixth. */
const parallel = 5;

/** Returns whether user info came back. HEAD has no body, and methods other than GET may get a 200 without user info. */
function isDisclosed(method: string, { status, body }: Received): boolean {
  return body.includes('"groups"') || (status === 200 && method === 'GET');
}

/**
 * Verifies the response for each known user, for unknown users, and for clients without the credentials.
 *
 * @returns the errors, one sentence each; none for a correct endpoint.
 */
export async function verifyEndpoint(endpoint: VerifiedEndpoint): Promise<string[]> {
  const wrong: string[] = [];
  const authorization = basic(endpoint.username, endpoint.password);
  const known = Object.keys(endpoint.users);

  for (const [userid, user] of Object.entries(endpoint.users)) {
    const { status, body } = await send(endpoint, { userid, authorization });
    if (status !== 200) wrong.push(`status ${status} for ${userid}, expected 200`);
    else if (!isDeepStrictEqual(JSON.parse(body), user)) wrong.push(`another user info for ${userid}: ${body}`);
  }
  for (const userid of makeUnknownNames(known)) {
    const { status } = await send(endpoint, { userid, authorization });
    if (status === 200) wrong.push(`status 200 for the unknown user ${JSON.stringify(userid)}`);
  }
  const attempts = [
    ...makeWrongCredentials(endpoint).map((header) => ({ method: 'GET', header })),
    ...['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) => ({ method, header: undefined })),
  ];
  for (let index = 0; index < attempts.length; index += parallel) {
    const sent = attempts.slice(index, index + parallel).map(async ({ method, header }) => {
      const headers = header === undefined ? {} : { authorization: header };
      const answer = await send(endpoint, { userid: known[0] ?? '', method, ...headers });
      if (isDisclosed(method, answer)) wrong.push(`status ${answer.status} for ${method} with ${header}`);
    });
    await Promise.all(sent);
  }
  return wrong;
}
