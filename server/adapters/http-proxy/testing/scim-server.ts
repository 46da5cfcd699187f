// SCIM 2.0 server (scimmy-routers) with users and groups in memory, for the preset `scim2`.
import express from 'express';
import SCIMMY from 'scimmy';
import ScimmyRouters from 'scimmy-routers';
import { type Interruption, type LocalServer, startLocalServer } from './local-server.ts';

export interface ScimUser {
  readonly id: string;
  readonly userName: string;
  readonly active: boolean;
  readonly entitlements?: ReadonlyArray<{ readonly type: string; readonly value: string }>;
}

export interface ScimGroup {
  readonly id: string;
  readonly displayName: string;
  /** Ids of users. */
  readonly members: readonly string[];
}

export interface ScimStore {
  readonly users: readonly ScimUser[];
  readonly groups: readonly ScimGroup[];
}

/** The library has one list of resource types per process; each request is bound to its server's own store. */
let isDeclared = false;

function declareResources(): void {
  if (isDeclared) return;
  isDeclared = true;
  const { User, Group } = SCIMMY.Resources;
  SCIMMY.Resources.declare(User).egress((resource, { users }: ScimStore) => {
    const all = users.map(({ id, ...user }) => ({ ...user, id, meta }));
    return resource.filter ? resource.filter.match(all) : all.filter(({ id }) => id === resource.id);
  });
  SCIMMY.Resources.declare(Group).egress((resource, { groups }: ScimStore) => {
    const all = groups.map(({ id, displayName, members }) => ({
      id,
      displayName,
      members: members.map((value) => ({ value, type: 'User' })),
      meta,
    }));
    return resource.filter ? resource.filter.match(all) : all.filter(({ id }) => id === resource.id);
  });
}

const meta = { created: new Date(0), lastModified: new Date(0) };

/**
 * Starts the server below /scim/v2. It requires `Authorization: Bearer <token>`.
 *
 * @param ignoresPages returns the first 20 entries, whatever the values of startIndex and count.
 */
export function startScimServer(
  store: ScimStore,
  token: string,
  interrupt: Interruption = () => false,
  ignoresPages = false,
): Promise<LocalServer> {
  declareResources();
  let number = 0;
  const app = express();
  app.use((request, response, next) => {
    number += 1;
    // The library writes numbers to `query`, which Express 5 creates again at each access; without this workaround, paging never works.
    if (!ignoresPages) Object.defineProperty(request, 'query', { value: { ...request.query } });
    if (!interrupt(request, response, number)) next();
  });
  app.use(
    '/scim/v2',
    new ScimmyRouters({
      type: 'bearer',
      context: () => store,
      handler: (request) => {
        if (request.header('authorization') !== `Bearer ${token}`) throw new Error('The token is wrong.');
        return 'the-caller';
      },
    }),
  );
  return startLocalServer(app);
}
