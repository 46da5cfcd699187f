// Stand-in for Keycloak's admin API: users and their groups as in its public description.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LocalServer, sendJson, startLocalServer, urlOf } from './local-server.ts';

export interface KeycloakUser {
  readonly id: string;
  /** Stored in lower case. */
  readonly username: string;
  readonly enabled: boolean;
  /** Missing in the response when there is none. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Paths: "/finance/analysts". */
  readonly groups: readonly string[];
}

/** Starts the stand-in with these users in the realm "company". */
export function startKeycloak(
  users: readonly KeycloakUser[],
  isAuthorized: (header: string | undefined) => boolean | Promise<boolean>,
): Promise<LocalServer> {
  const byId = new Map(users.map((user) => [user.id, user]));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await isAuthorized(request.headers.authorization))) {
      sendJson(response, 401, { error: 'HTTP 401 Unauthorized' });
      return;
    }
    const url = urlOf(request);
    const [, id] = /^\/admin\/realms\/company\/users\/([^/]+)\/groups$/.exec(url.pathname) ?? [];
    if (id !== undefined) listGroups(byId.get(decodeURIComponent(id)), url, response);
    else if (url.pathname === '/admin/realms/company/users') listUsers(users, url, response);
    else sendJson(response, 404, { error: 'Realm not found.' });
  }

  return startLocalServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
}

function listUsers(users: readonly KeycloakUser[], { searchParams }: URL, response: ServerResponse): void {
  const wanted = searchParams.get('username')?.toLowerCase() ?? '';
  const exact = searchParams.get('exact') === 'true';
  const found = users.filter(({ username }) => (exact ? username === wanted : username.includes(wanted)));
  const brief = searchParams.get('briefRepresentation') !== 'false';
  sendJson(
    response,
    200,
    found.slice(0, 100).map(({ id, username, enabled, attributes }) => ({
      id,
      username,
      enabled,
      emailVerified: true,
      ...(!brief && attributes && { attributes }),
    })),
  );
}

function listGroups(user: KeycloakUser | undefined, { searchParams }: URL, response: ServerResponse): void {
  if (!user) {
    sendJson(response, 404, { error: 'User not found' });
    return;
  }
  const first = Number(searchParams.get('first') ?? 0);
  const end = searchParams.has('max') ? first + Number(searchParams.get('max')) : user.groups.length;
  sendJson(
    response,
    200,
    user.groups.slice(first, end).map((path, index) => ({
      id: `g${index}`,
      name: path.split('/').at(-1),
      path,
      subGroups: [],
    })),
  );
}
