// Stand-in for Okta's management API: users, groups and the header Link as in its public description.
import { type Interruption, type LocalServer, sendJson, startLocalServer, urlOf } from './local-server.ts';

export interface OktaUser {
  readonly id: string;
  readonly login: string;
  readonly status: string;
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly groups: readonly string[];
}

/** Starts it with these users. The stand-in requires `Authorization: SSWS <token>`. */
export function startOkta(
  users: readonly OktaUser[],
  token: string,
  interrupt: Interruption = () => false,
): Promise<LocalServer> {
  const byId = new Map(users.map((user) => [user.id, user]));
  let number = 0;
  return startLocalServer((request, response) => {
    number += 1;
    if (interrupt(request, response, number)) return;
    const url = urlOf(request);
    const refuse = (status: number, errorCode: string, errorSummary: string) =>
      sendJson(response, status, { errorCode, errorSummary, errorLink: errorCode, errorId: 'oae1', errorCauses: [] });
    if (request.headers.authorization !== `SSWS ${token}`) return refuse(401, 'E0000011', 'Invalid token provided');
    const [, id] = /^\/api\/v1\/users\/([^/]+)\/groups$/.exec(url.pathname) ?? [];
    if (id !== undefined) {
      const user = byId.get(decodeURIComponent(id));
      if (!user) return refuse(404, 'E0000007', 'Not found: Resource not found (User)');
      const groups = user.groups.map((name, index) => ({ id: `00g${index}`, type: 'OKTA_GROUP', profile: { name } }));
      return sendSlice(groups, 'limit', 10_000);
    }
    if (url.pathname !== '/api/v1/users') return refuse(404, 'E0000022', 'The endpoint does not support the method');
    const login = parseFilter(url.searchParams.get('filter') ?? '');
    if (login === null) return refuse(400, 'E0000031', 'Invalid search criteria.');
    const found = users.filter((user) => user.login.toLowerCase() === login.toLowerCase());
    const profiles = found.map(({ id, status, login: own, profile }) => ({
      id,
      status,
      profile: { ...profile, login: own },
    }));
    return sendSlice(profiles, 'limit', 200);

    function sendSlice(all: readonly object[], parameter: string, fallback: number): void {
      const limit = Number(url.searchParams.get(parameter) ?? fallback);
      const start = Number(url.searchParams.get('after') ?? 0);
      const next = new URL(url);
      next.searchParams.set('after', String(start + limit));
      const links = [`<${url.href}>; rel="self"`];
      if (start + limit < all.length) links.push(`<${next.href}>; rel="next"`);
      // Okta sends a separate header for each link.
      sendJson(response, 200, all.slice(start, start + limit), { link: links });
    }
  });
}

function parseFilter(filter: string): string | null {
  const [, literal] = /^profile\.login eq ("(?:[^"\\]|\\.)*")$/s.exec(filter) ?? [];
  return literal === undefined ? null : (JSON.parse(literal) as string);
}
