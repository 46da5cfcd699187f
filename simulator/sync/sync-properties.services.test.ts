// Tests of what a sync guarantees for any history: it ends in the same state as a fresh sync, even after interruptions at any point.
import { expect } from 'chai';
import fc from 'fast-check';
import { parseFaultRules } from '../faults/fault-rules.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { toAccess } from './access.ts';
import { resumeSync, runSync } from './run-sync.ts';
import { readStoredUsers } from './stored-users.ts';
import type { SyncRequest, UserList } from './sync-request.ts';
import { type ChangingEndpoint, startChangingEndpoint } from './testing/changing-endpoint.ts';

const iam = 'okta';
const userids = ['ada', 'bob', 'eve', 'zoe'];

interface Access {
  readonly groups: string[];
  readonly attributes: Record<string, string[]>;
}

/** Data of both sources for a user; a number is a status. */
interface Source {
  readonly listed: Access | null;
  readonly answer: Access | 404 | 503;
}

type World = Readonly<Record<string, Source>>;

/**
 * One step of a history: the sources change, and a sync runs. The sync may be interrupted after a number of steps and resumed, or run with faults
 * from a seed.
 */
interface Step {
  readonly changes: World;
  readonly endAfter: number | null;
  readonly faultSeed: number | null;
}

/** All faults that damage a response without turning it into another one. */
const faultRules = parseFaultRules('reset=15%,truncate=15%,half-body=15%,html-page=15%,5xx=10%:2');

const access: fc.Arbitrary<Access> = fc.record({
  groups: fc.subarray(['analysts', 'finance', 'staff']),
  attributes: fc.record(
    { region: fc.subarray(['emea', 'apac'], { minLength: 1 }), site: fc.constant(['bern']) },
    { requiredKeys: [] },
  ),
});
const sourceWith = (statuses: ReadonlyArray<404 | 503>): fc.Arbitrary<Source> =>
  fc.record({
    listed: fc.option(access, { freq: 4 }),
    answer: fc.oneof({ arbitrary: access, weight: 3 }, ...statuses.map((status) => fc.constant(status))),
  });
const worldOf = (source: fc.Arbitrary<Source>): fc.Arbitrary<World> =>
  fc.record(Object.fromEntries(userids.map((userid) => [userid, source])));
const steps = fc.array(
  fc.record({
    changes: worldOf(sourceWith([404, 503])),
    endAfter: fc.option(fc.integer({ min: 1, max: 9 })),
    faultSeed: fc.option(fc.nat(1000)),
  }),
  { maxLength: 4 },
);

describe('any history of changes and syncs', () => {
  let endpoint: ChangingEndpoint;
  before(async () => {
    endpoint = await startChangingEndpoint();
  });
  after(() => endpoint.close());

  function open(guesses: object): Simulator {
    const simulator = openSimulator(null);
    simulator.identities.iams.create(
      {
        id: iam,
        name: 'Okta',
        type: 'okta',
        settings: {
          externalUserInfo: { uri: endpoint.uri },
          sync: { pageSize: 2, concurrency: 2 },
          blastRadius: {
            maxLosingPercent: 100,
            mayEmptyGroups: true,
            maxGroupLosingPercent: 100,
            maxGainingPercent: 100,
          },
          guesses,
        },
      },
      'qa',
    );
    return simulator;
  }

  function show(world: World): UserList {
    endpoint.users.clear();
    for (const [userid, { answer }] of Object.entries(world)) endpoint.users.set(userid, answer);
    const users = Object.entries(world).flatMap(([userid, { listed }]) =>
      listed === null
        ? []
        : [
            {
              ...{ userid, name: null, email: null },
              access: toAccess({ groups: listed.groups.map((name) => ({ name })), authorizations: listed.attributes }),
            },
          ],
    );
    return { name: 'users', hash: JSON.stringify(world), users };
  }

  /** Interrupts the run after some steps, and resumes it until it is done. */
  async function sync(
    simulator: Simulator,
    world: World,
    endAfter: number | null = null,
    faultSeed: number | null = null,
  ): Promise<void> {
    const list = show(world);
    // A sync without users is rejected.
    if (list.users.length === 0 && simulator.identities.users.list({ iam }).count === 0) return;
    const faults = faultSeed === null ? {} : { faults: { rules: faultRules, seed: faultSeed } };
    const request: SyncRequest = { iam, scope: 'all', userids: null, list, dryRun: false, by: 'qa', ...faults };
    const controller = new AbortController();
    let seen = 0;
    const onProgress = () => {
      if (++seen === endAfter) controller.abort();
    };
    const first = await runSync(simulator, request, { signal: controller.signal, onProgress });
    if (first.ending !== 'done') expect((await resumeSync(simulator, first.run.id, list)).ending).to.equal('done');
  }

  /** Returns what each origin assigns to the enabled users. */
  function storedAccess(simulator: Simulator): Array<readonly [string, object]> {
    const users = [...readStoredUsers(simulator.db, iam, userids).values()];
    const lists = ({ groups, values }: { groups: ReadonlySet<string>; values: ReadonlySet<string> }) => ({
      groups: [...groups].sort(),
      values: [...values].sort(),
    });
    return users
      .filter(({ disabled }) => !disabled)
      .map(
        ({ userid, provider, endpoint: given }) =>
          [userid, { provider: lists(provider), endpoint: lists(given) }] as const,
      )
      .sort(([one], [other]) => (one < other ? -1 : 1));
  }

  async function endsAsFresh(guesses: object, history: readonly Step[], last: World): Promise<void> {
    const long = open(guesses);
    const fresh = open(guesses);
    try {
      for (const { changes, endAfter, faultSeed } of history) await sync(long, changes, endAfter, faultSeed);
      await sync(long, last, 3);
      await sync(fresh, last);
      expect(storedAccess(long)).to.deep.equal(storedAccess(fresh));
    } finally {
      long.close();
      fresh.close();
    }
  }

  // Rules under which the guarantee holds: earlier access is not kept. `disable` keeps the access of a user, which has no effect while the user is
  // disabled.
  for (const mergeRule of ['union', 'attribute-override', 'override']) {
    for (const rule of ['clear', 'disable']) {
      it(`ends like a fresh sync, merging by ${mergeRule}, when a failure means ${rule}`, async () => {
        const guesses = { mergeRule, onNotFound: rule, onFailure: rule };
        const last = worldOf(sourceWith([404, 503]));
        await fc.assert(
          fc.asyncProperty(steps, last, (history, world) => endsAsFresh(guesses, history, world)),
          { numRuns: 15 },
        );
      });
    }

    for (const rule of ['keep', 'fail']) {
      it(`ends as a fresh sync does, merging by ${mergeRule}, when a failure means ${rule} and the last sync had none`, async () => {
        const guesses = { mergeRule, onNotFound: rule, onFailure: rule };
        await fc.assert(
          fc.asyncProperty(steps, worldOf(sourceWith([])), (history, world) => endsAsFresh(guesses, history, world)),
          { numRuns: 15 },
        );
      });
    }
  }

  it('never removes what a person assigned in the platform', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom('union', 'override'), async (history, mergeRule) => {
        const simulator = open({ mergeRule, onNotFound: 'clear', onFailure: 'disable' });
        try {
          const ada = { iam, userid: 'ada' };
          simulator.identities.users.create({ ...ada, name: 'Ada' }, 'qa');
          simulator.identities.groups.create({ name: 'by-hand' }, 'qa');
          simulator.identities.groups.addMember({ iam: 'bim', name: 'by-hand' }, ada, 'qa');
          simulator.identities.attributes.add({ user: ada }, 'region', 'emea', 'qa');
          for (const { changes, endAfter, faultSeed } of history) {
            await sync(simulator, changes, endAfter, faultSeed);
          }
          const { groups, values } = simulator.identities.users.view(ada);
          expect(groups.filter(({ origins }) => origins.includes('platform'))).to.deep.equal([
            { iam: 'bim', name: 'by-hand', origins: ['platform'] },
          ]);
          expect(values.filter(({ origins }) => origins.includes('platform'))).to.have.lengthOf(1);
        } finally {
          simulator.close();
        }
      }),
      { numRuns: 25 },
    );
  });
}).timeout(120_000);
