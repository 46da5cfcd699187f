// Setup of a sync for tests: a real endpoint whose responses change, an in-memory simulator, and one IAM without guard limits.
import { openSimulator, type Simulator } from '../../open-simulator.ts';
import type { ListedUser } from '../plan-user.ts';
import { runSync, type SyncResult } from '../run-sync.ts';
import type { SyncControl, SyncRequest, UserList } from '../sync-request.ts';
import { type ChangingEndpoint, startChangingEndpoint } from './changing-endpoint.ts';

export const by = 'qa';
export const iam = 'okta';
const timeMs = Date.parse('2026-11-25T12:00:00Z');

/** Returns the error with which a promise was rejected; fails if it was not rejected. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

/** Returns a user list as from a file; a string denotes a user without further data. */
export function listOf(...users: Array<string | ListedUser>): UserList {
  return {
    name: 'users.csv',
    hash: JSON.stringify(users, (_key, value) => (value instanceof Set ? [...value] : value)),
    users: users.map((user) =>
      typeof user === 'string' ? { userid: user, name: null, email: null, access: null } : user,
    ),
  };
}

export interface SyncUnderTest {
  readonly simulator: Simulator;
  readonly endpoint: ChangingEndpoint;
  /** Replaces the simulator with the one in a file, or with a new in-memory one. */
  reopen(file: string | null): void;
  createIam(): void;
  /** Sets the IAM's settings, without guard limits unless a test sets them. */
  set(settings: object, guesses?: object): void;
  sync(given?: Partial<SyncRequest>, control?: SyncControl): Promise<SyncResult>;
  login(userid: string): Promise<SyncResult>;
  /** Returns the access of a user as "group" and "name=value", sorted; "disabled" comes first. Null: there is no such user. */
  accessOf(userid: string): string[] | null;
}

/** Registers mocha hooks around the tests of the caller. The result is available within a test. */
export function useSync(): SyncUnderTest {
  let endpoint: ChangingEndpoint;
  let simulator: Simulator;
  const open = (file: string | null) => openSimulator(file, () => timeMs);

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    simulator = open(null);
    fixture.createIam();
    fixture.set({});
  });
  afterEach(async () => {
    simulator.close();
    await endpoint.close();
  });

  const fixture: SyncUnderTest = {
    get simulator() {
      return simulator;
    },
    get endpoint() {
      return endpoint;
    },
    reopen(file) {
      simulator.close();
      simulator = open(file);
    },
    createIam() {
      simulator.identities.iams.create({ id: iam, name: 'Okta', type: 'okta' }, by);
    },
    set(settings, guesses = {}) {
      const unlimited = {
        maxLosingPercent: 100,
        mayEmptyGroups: true,
        maxGroupLosingPercent: 100,
        maxGainingPercent: 100,
      };
      const sync = { pageSize: 2, concurrency: 3 };
      const usual = { externalUserInfo: { uri: endpoint.uri }, blastRadius: unlimited, sync };
      simulator.identities.iams.setSettings(iam, { ...usual, ...settings, guesses }, by);
    },
    sync(given = {}, control = {}) {
      const all = { iam, scope: 'all', userids: null, list: null, dryRun: false, by } as const;
      return runSync(simulator, { ...all, ...given }, control);
    },
    login: (userid) => fixture.sync({ scope: 'login', userids: [userid] }),
    accessOf(userid) {
      const user = simulator.identities.users.find({ iam, userid });
      if (!user) return null;
      const { groups, values } = simulator.identities.users.view(user);
      const texts = [...groups.map(({ name }) => name), ...values.map(({ name, value }) => `${name}=${value}`)];
      return [...(user.disabled ? ['disabled'] : []), ...texts.sort()];
    },
  };
  return fixture;
}
