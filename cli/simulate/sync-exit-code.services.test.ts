// Property of a sync's exit code: 0 if and only if an independent model finds no reason for the sync to fail. Reasons are certain losses, gains,
// failures and differences.
import { expect } from 'chai';
import fc from 'fast-check';
import type { BlastRadius } from '../../schemas/generated/loaded-iam-settings.ts';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { diffExpected, type ExpectedUser } from '../../simulator/sync/diff-runs.ts';
import { runSync } from '../../simulator/sync/run-sync.ts';
import { SyncError } from '../../simulator/sync/sync-error.ts';
import type { UserList } from '../../simulator/sync/sync-request.ts';
import { isComparable } from '../../simulator/sync/sync-verdict.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { exitCodes } from '../exit-codes.ts';
import { findSyncExitCode } from './simulate-sync.ts';

/** Number of histories in each test run; the nightly run sets more. */
const histories = Number(process.env.SYNC_HISTORIES ?? 500);

const iam = 'okta';
const by = 'qa';
const userids = ['ada', 'bob', 'eve', 'kim', 'lee', 'zoe'];
const groups = ['analysts', 'finance', 'staff'];
const sync = { iam, scope: 'all', userids: null, by } as const;
const noLimits = { maxLosingPercent: 100, mayEmptyGroups: true, maxGroupLosingPercent: 100, maxGainingPercent: 100 };

/** An array is a user's set of groups; a number is the status of a failed response. */
type Answer = readonly string[] | 404 | 503;

interface History {
  readonly before: readonly Answer[];
  readonly after: readonly Answer[];
  /** Users of the second list; the first has all. */
  readonly listed: readonly boolean[];
  /** Groups that each list assigns to each user; null: the list has no groups. */
  readonly listBefore: ReadonlyArray<readonly string[]> | null;
  readonly listAfter: ReadonlyArray<readonly string[]> | null;
  /** Members of a built-in group that is also called staff. */
  readonly builtIn: readonly boolean[];
  readonly limits: BlastRadius;
  /** Groups that have a permission. */
  readonly powerful: readonly string[];
  readonly dryRun: boolean;
  readonly tolerate: ReadonlyArray<'not-found' | 'server-error'>;
  /** Map from index of a user to the expectation: none, correct, with an additional group, or with allowed kept access. */
  readonly expected: ReadonlyArray<'none' | 'right' | 'wrong' | 'kept'>;
}

const subset = fc.subarray(groups);
const answers = fc.array(
  fc.oneof({ arbitrary: subset, weight: 16 }, fc.constant(404 as const), fc.constant(503 as const)),
  { minLength: userids.length, maxLength: userids.length },
);
/** In most histories, few users change: if all users changed, some limit would nearly always be exceeded. */
const change = fc.array(fc.oneof({ arbitrary: fc.constant(null), weight: 12 }, fc.constant(404 as const), subset), {
  minLength: userids.length,
  maxLength: userids.length,
});
const everyUser = { minLength: userids.length, maxLength: userids.length };
/** Most histories use lists that contain only names, so that the other rules are tested as well. */
const listGroups = fc.oneof(
  { arbitrary: fc.constant(null), weight: 3 },
  fc.array(fc.oneof({ arbitrary: fc.constant<string[]>([]), weight: 2 }, subset), everyUser),
);
const percent = fc.constantFrom(0, 16.6, 16.7, 33.3, 33.4, 50, 99.9, 100);
const limits: fc.Arbitrary<BlastRadius> = fc.record(
  {
    maxLosingPercent: percent,
    maxLosingUsers: fc.nat(3),
    toleratedLosingUsers: fc.constantFrom(0, 0, 1, 2),
    windowDays: fc.constant(0),
    mayEmptyGroups: fc.boolean(),
    maxGroupLosingPercent: percent,
    minGroupSize: fc.constantFrom(1, 2, 3, 10),
    maxGainingPercent: percent,
    minGainingUsers: fc.constantFrom(1, 2, 3),
    protectedGroups: fc.oneof({ arbitrary: fc.constant<string[]>([]), weight: 3 }, subset),
    protectedUsers: fc.oneof({ arbitrary: fc.constant<string[]>([]), weight: 3 }, fc.subarray(userids)),
  },
  {
    requiredKeys: [
      ...([
        'maxLosingPercent',
        'toleratedLosingUsers',
        'windowDays',
        'mayEmptyGroups',
        'maxGroupLosingPercent',
      ] as const),
      ...(['minGroupSize', 'maxGainingPercent', 'minGainingUsers', 'protectedGroups', 'protectedUsers'] as const),
    ],
  },
);
const history: fc.Arbitrary<History> = fc
  .record({
    before: answers,
    changes: change,
    listed: fc.oneof(
      { arbitrary: fc.constant(userids.map(() => true)), weight: 4 },
      fc.array(fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, fc.constant(false)), everyUser),
    ),
    listBefore: listGroups,
    listChange: fc.oneof({ arbitrary: fc.constant('same' as const), weight: 2 }, listGroups),
    builtIn: fc.array(fc.boolean(), { minLength: userids.length, maxLength: userids.length }),
    limits,
    powerful: fc.oneof({ arbitrary: fc.constant<string[]>([]), weight: 3 }, subset),
    dryRun: fc.boolean(),
    tolerate: fc.subarray(['not-found' as const, 'server-error' as const]),
    expected: fc.array(
      fc.oneof(
        { arbitrary: fc.constantFrom('none' as const, 'right' as const, 'kept' as const), weight: 16 },
        fc.constant('wrong' as const),
      ),
      {
        minLength: userids.length,
        maxLength: userids.length,
      },
    ),
  })
  .map(({ changes, listChange, ...rest }) => ({
    ...rest,
    listAfter: listChange === 'same' ? rest.listBefore : listChange,
    after: rest.before.map((answer, index) => changes[index] ?? answer),
  }));

const has = (list: readonly string[], name: string) => list.includes(name);
const given = (answer: Answer): readonly string[] => (typeof answer === 'number' ? [] : answer);

const union = (one: readonly string[] = [], other: readonly string[] = []) => [...new Set([...one, ...other])];

/** Access of each user before the second sync. */
function modelBefore({ before, listBefore }: History): Array<readonly string[]> {
  return before.map((answer, user) => union(listBefore?.[user], given(answer)));
}

/**
 * Access of each user after the second sync is applied: users whose request fails keep their access. Null: disabled, because the list does not have
 * the user.
 */
function modelAccess({ before, after, listed, listAfter }: History): Array<readonly string[] | null> {
  return after.map((answer, user) => {
    if (!listed[user]) return null;
    return union(listAfter?.[user], typeof answer === 'number' ? given(before[user] ?? []) : answer);
  });
}

/**
 * Returns whether the second list is rejected, because it contains no groups although a user has groups from the first list. An empty list removes
 * all users.
 */
function modelRefuses({ listBefore, listAfter, listed }: History): boolean {
  const saysNothing = listAfter === null && listed.includes(true);
  return saysNothing && (listBefore ?? []).some((own) => own.length > 0);
}

/** Returns whether the limits stop the second sync, calculated with integers because limits have one decimal place. */
function modelStops(history: History): boolean {
  const { limits, powerful, builtIn, listed } = history;
  const was = modelBefore(history);
  const becomes = modelAccess(history).map((access) => access ?? []);
  const exceeds = (count: number, total: number, limit: number) =>
    BigInt(count) * 1000n > BigInt(Math.round(limit * 10)) * BigInt(total);
  const losing = userids.filter(
    (_, user) => !listed[user] || was[user]?.some((group) => !has(becomes[user] ?? [], group)),
  );
  if (losing.length > 0) {
    const isTolerated = losing.length <= limits.toleratedLosingUsers;
    if (!isTolerated && exceeds(losing.length, userids.length, limits.maxLosingPercent)) return true;
    if (limits.maxLosingUsers !== undefined && losing.length > limits.maxLosingUsers) return true;
    if (losing.some((userid) => has(limits.protectedUsers, userid))) return true;
  }
  const losesTooMany = (members: number, lost: number, gained: number) =>
    (lost > 0 && members >= limits.minGroupSize && exceeds(lost, members, limits.maxGroupLosingPercent)) ||
    (!limits.mayEmptyGroups && lost > gained && members - lost + gained === 0);
  // A built-in group loses disabled users.
  const builtInMembers = builtIn.filter(Boolean).length;
  if (losesTooMany(builtInMembers, builtIn.filter((isMember, user) => isMember && !listed[user]).length, 0))
    return true;
  return groups.some((group) => {
    const members = was.filter((access) => has(access, group)).length;
    const lost = was.filter((access, user) => has(access, group) && !has(becomes[user] ?? [], group)).length;
    const gained = was.filter((access, user) => !has(access, group) && has(becomes[user] ?? [], group)).length;
    if (lost > 0 && has(limits.protectedGroups, group)) return true;
    if (losesTooMany(members, lost, gained)) return true;
    if (gained > 0 && (has(powerful, group) || has(limits.protectedGroups, group))) return true;
    return gained >= limits.minGainingUsers && exceeds(gained, userids.length, limits.maxGainingPercent);
  });
}

function expectationOf(history: History): Record<string, ExpectedUser> {
  const access = modelAccess(history);
  return Object.fromEntries(
    userids.flatMap((userid, user) => {
      const kind = history.expected[user];
      if (kind === 'none') return [];
      const own = [...(access[user] ?? []), ...(kind === 'wrong' ? ['board'] : [])].map((name) => ({ name }));
      const builtIn = history.builtIn[user] ? [{ name: 'staff', iam: 'bim' }] : [];
      return [
        [userid, { groups: [...own, ...builtIn], authorizations: {}, ...(kind === 'kept' && { allowKept: true }) }],
      ];
    }),
  );
}

/** Returns the expected exit code of the second sync. */
function modelExitCode(history: History): number {
  if (modelRefuses(history)) return 2;
  const { after, listed, tolerate, expected } = history;
  const asked = after.filter((_, user) => listed[user]);
  const isFine =
    !modelStops(history) &&
    (asked.length === 0 || asked.some((answer) => typeof answer !== 'number')) &&
    (!asked.includes(404) || has(tolerate, 'not-found')) &&
    (!asked.includes(503) || has(tolerate, 'server-error')) &&
    after.every((answer, user) => {
      const kind = expected[user];
      if (kind === 'none') return true;
      // Removed users become disabled, and no expectation describes disabled users.
      return listed[user] && (kind === 'kept' || (kind === 'right' && typeof answer !== 'number'));
    });
  return isFine ? 0 : 1;
}

function listOf(listed: readonly boolean[], given: ReadonlyArray<readonly string[]> | null): UserList {
  const users = userids.flatMap((userid, user) => {
    if (!listed[user]) return [];
    const access = given === null ? null : { groups: new Set(given[user]), values: new Set<string>() };
    return [{ userid, name: null, email: null, access }];
  });
  return { name: 'users.csv', hash: 'users', users };
}

describe('the exit code of a sync', () => {
  let endpoint: ChangingEndpoint;
  before(async () => {
    endpoint = await startChangingEndpoint();
  });
  after(() => endpoint.close());

  const show = (all: readonly Answer[]) => {
    for (const [user, userid] of userids.entries()) {
      const answer = all[user] ?? 404;
      endpoint.users.set(userid, typeof answer === 'number' ? answer : { groups: [...answer] });
    }
  };

  /** @returns the exit code of the second sync; the first one assigned the access in `before`. */
  async function exitCodeOf(history: History): Promise<number> {
    const simulator = openSimulator(null);
    try {
      const { iams, groups: held } = simulator.identities;
      const settings = { externalUserInfo: { uri: endpoint.uri }, sync: { pageSize: 4, concurrency: 3 } };
      iams.create({ id: iam, name: 'Okta', type: 'okta', settings: { ...settings, blastRadius: noLimits } }, by);
      show(history.before);
      const everybody = userids.map(() => true);
      await runSync(simulator, { ...sync, list: listOf(everybody, history.listBefore), dryRun: false });
      held.create({ name: 'staff' }, by);
      for (const [user, userid] of userids.entries()) {
        if (history.builtIn[user]) held.addMember({ iam: 'bim', name: 'staff' }, { iam, userid }, by);
      }
      for (const group of history.powerful) iams.setPermissions(iam, group, ['AUDIT'], by);
      iams.setSettings(iam, { ...settings, blastRadius: history.limits }, by);
      show(history.after);
      const list = listOf(history.listed, history.listAfter);
      const result = await runSync(simulator, { ...sync, list, dryRun: history.dryRun });
      const expected = expectationOf(history);
      const differences = isComparable(result) ? diffExpected(simulator.runs, result.run.id, expected) : null;
      return findSyncExitCode(result, history.tolerate, Object.keys(expected).length === 0 ? undefined : differences);
    } catch (error) {
      // Like the command.
      if (error instanceof SyncError) return exitCodes.usage;
      throw error;
    } finally {
      simulator.close();
    }
  }

  it(`equals the exit code of the model, in ${histories} histories`, async () => {
    const codes = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const code = modelExitCode(one);
        codes[code] = (codes[code] ?? 0) + 1;
        expect(await exitCodeOf(one)).to.equal(code);
      }),
      { numRuns: histories },
    );
    // Each must occur, otherwise the property would prove little.
    for (const count of codes) expect(count, codes.join()).to.be.above(histories / 100);
  }).timeout(3_600_000);

  it('is not 0 when the endpoint did not return user info for any user, even when the failures are tolerated', async () => {
    const none = userids.map(() => 404 as const);
    const one: History = {
      ...{ listed: userids.map(() => true), listBefore: null, listAfter: null },
      ...{ before: none, after: none, builtIn: [], powerful: [], dryRun: false, tolerate: ['not-found'] },
      expected: userids.map(() => 'none' as const),
      limits: {
        ...noLimits,
        toleratedLosingUsers: 0,
        windowDays: 0,
        minGroupSize: 1,
        minGainingUsers: 1,
        protectedGroups: [],
        protectedUsers: [],
      },
    };
    expect(await exitCodeOf(one)).to.equal(1);
  });
});
