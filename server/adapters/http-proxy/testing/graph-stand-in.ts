// Stand-in for Microsoft Graph v1.0: users and transitiveMemberOf as in its public description.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Interruption, type LocalServer, sendJson, startLocalServer, urlOf } from './local-server.ts';

export interface GraphUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  /** Further properties, returned only when $select names them. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** The user's groups, in the order of the response. */
  readonly memberOf: readonly GraphObject[];
}

export interface GraphObject {
  readonly type: '#microsoft.graph.group' | '#microsoft.graph.directoryRole' | '#microsoft.graph.administrativeUnit';
  readonly id: string;
  /** `null`: the caller has no permission, and Graph returns limited information. */
  readonly displayName: string | null;
}

const contentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/**
 * Starts the stand-in with these users.
 *
 * @param isAuthorized evaluates the header Authorization.
 * @param interrupt responds instead of the stand-in, to inject faults.
 */
export function startGraph(
  users: readonly GraphUser[],
  isAuthorized: (header: string | undefined) => boolean | Promise<boolean>,
  interrupt: Interruption = () => false,
): Promise<LocalServer> {
  const byName = new Map(users.map((user) => [user.userPrincipalName.toLowerCase(), user]));
  const byId = new Map(users.map((user) => [user.id, user]));
  let number = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    number += 1;
    if (interrupt(request, response, number)) return;
    if (!(await isAuthorized(request.headers.authorization))) {
      sendError(response, 401, 'InvalidAuthenticationToken', 'Access token is empty, expired or invalid.');
      return;
    }
    const url = urlOf(request);
    const [, id] = /^\/v1\.0\/users\/([^/]+)\/transitiveMemberOf$/.exec(url.pathname) ?? [];
    if (id !== undefined) listMemberOf(byId.get(decodeURIComponent(id)), url, response);
    else if (url.pathname === '/v1.0/users') listUsers(byName, url, response);
    else sendError(response, 404, 'ResourceNotFound', 'Resource not found for the segment.');
  }

  return startLocalServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
}

function listUsers(byName: ReadonlyMap<string, GraphUser>, url: URL, response: ServerResponse): void {
  const [, literal] = /^userPrincipalName eq '((?:[^']|'')*)'$/s.exec(url.searchParams.get('$filter') ?? '') ?? [];
  if (literal === undefined) {
    sendError(response, 400, 'Request_UnsupportedQuery', 'Unsupported or invalid query filter clause.');
    return;
  }
  // Names are compared ignoring case.
  const found = byName.get(literal.replaceAll("''", "'").toLowerCase());
  const selected = (url.searchParams.get('$select') ?? 'id,userPrincipalName').split(',');
  const value = found ? [select(found, selected)] : [];
  sendPage(response, { '@odata.context': `${url.origin}/v1.0/$metadata#users`, value });
}

function select({ id, userPrincipalName, accountEnabled, properties }: GraphUser, names: readonly string[]): object {
  const all = new Map<string, unknown>(Object.entries({ id, userPrincipalName, accountEnabled, ...properties }));
  // A property without a value is null, not missing.
  return Object.fromEntries(names.map((name) => [name, all.get(name) ?? null]));
}

function listMemberOf(user: GraphUser | undefined, url: URL, response: ServerResponse): void {
  if (!user) {
    sendError(response, 404, 'Request_ResourceNotFound', 'Resource does not exist.');
    return;
  }
  const top = Math.min(Number(url.searchParams.get('$top') ?? 100), 999);
  const skip = Number(url.searchParams.get('$skiptoken') ?? 0);
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(skip + top));
  sendPage(response, {
    '@odata.context': `${url.origin}/v1.0/$metadata#directoryObjects(id,displayName)`,
    ...(skip + top < user.memberOf.length && { '@odata.nextLink': next.href }),
    value: user.memberOf
      .slice(skip, skip + top)
      .map(({ type, id, displayName }) => ({ '@odata.type': type, id, displayName })),
  });
}

function sendPage(response: ServerResponse, value: object): void {
  sendJson(response, 200, value, { 'content-type': contentType });
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  const innerError = { date: '2026-01-01T00:00:00', 'request-id': 'b8a3', 'client-request-id': 'b8a3' };
  sendJson(response, status, { error: { code, message, innerError } }, { 'content-type': contentType });
}
