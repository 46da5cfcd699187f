// Tests that a cached response makes a sync cheaper but never changes its result, regardless of what happens between syncs, and to which users.
import { expect } from 'chai';
import fc from 'fast-check';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { toAccess } from './access.ts';
import { addUnchangedUsers } from './remembered-answers.ts';
import type { Run } from './run.ts';
import { eachRunUser } from './run-store.ts';
import { runSync } from './run-sync.ts';
import { readStoredUsers } from './stored-users.ts';
import type { SyncError } from './sync-error.ts';
import type { UserList } from './sync-request.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from './testing/changing-endpoint.ts';

const by = 'qa';
const iam = 'okta';
const ada = { iam, userid: 'ada' };
const userids = ['ada', 'bob', 'eve'];

describe('a cached response', () => {
  let endpoint: ChangingEndpoint;
  before(async () => {
    endpoint = await startChangingEndpoint();
  });
  after(() => endpoint.close());

  const opened: Simulator[] = [];
  afterEach(() => {
    endpoint.handler = null;
    endpoint.users.clear();
    for (const simulator of opened.splice(0)) simulator.close();
  });

  function open(guesses: object = {}): Simulator {
    const simulator = openSimulator(null, () => 0);
    opened.push(simulator);
    simulator.identities.iams.create({ id: iam, name: 'Okta', type: 'okta' }, by);
    set(simulator, guesses);
    simulator.identities.groups.create({ name: 'by-hand' }, by);
    return simulator;
  }

  function set({ identities }: Simulator, guesses: object, sync: object = { pageSize: 2, concurrency: 2 }): void {
    identities.iams.setSettings(
      iam,
      {
        externalUserInfo: { uri: endpoint.uri },
        sync,
        blastRadius: {
          maxLosingPercent: 100,
          mayEmptyGroups: true,
          maxGroupLosingPercent: 100,
          maxGainingPercent: 100,
        },
        guesses,
      },
      by,
    );
  }

  const listOf = (names: readonly string[], groups: readonly string[] | null = null): UserList => ({
    name: 'users.csv',
    hash: JSON.stringify([names, groups]),
    users: names.map((userid) => {
      const access = groups && toAccess({ groups: groups.map((name) => ({ name })), authorizations: {} });
      return { userid, name: null, email: null, access };
    }),
  });

  async function sync(simulator: Simulator, list: UserList | null): Promise<Run> {
    const request = { iam, scope: 'all', userids: null, list, dryRun: false, by } as const;
    return (await runSync(simulator, request)).run;
  }

  const remembered = ({ db }: Simulator) =>
    db
      .all<{ userid: string }>('SELECT userid FROM remembered_answers JOIN users ON users.id = user_id ORDER BY userid')
      .map(({ userid }) => userid);
  const forget = ({ db }: Simulator) => db.run('DELETE FROM remembered_answers');

  describe('is discarded', () => {
    let simulator: Simulator;
    beforeEach(async () => {
      simulator = open();
      for (const userid of userids) endpoint.users.set(userid, { groups: ['staff'], attributes: { region: ['emea'] } });
      const { identities } = simulator;
      await sync(simulator, listOf(userids));
      identities.groups.addMember({ iam: 'bim', name: 'by-hand' }, ada, by);
      identities.attributes.add({ user: ada }, 'site', 'bern', by);
      await sync(simulator, listOf(userids));
      expect(remembered(simulator)).to.deep.equal(userids);
    });

    const changes: ReadonlyArray<readonly [string, (simulator: Simulator) => void, string[]]> = [
      ['when the user is disabled', ({ identities }) => identities.users.setDisabled(ada, true, by), ['bob', 'eve']],
      [
        'when a group takes the user',
        ({ identities }) => identities.groups.addMember({ iam, name: 'staff' }, ada, by),
        ['bob', 'eve'],
      ],
      [
        'when a group lets the user go',
        ({ identities }) => identities.groups.removeMember({ iam: 'bim', name: 'by-hand' }, ada, by),
        ['bob', 'eve'],
      ],
      [
        'when the user gets a value',
        ({ identities }) => identities.attributes.add({ user: ada }, 'site', 'basel', by),
        ['bob', 'eve'],
      ],
      [
        'when a value is taken from the user',
        ({ identities }) => identities.attributes.remove({ user: ada }, 'site', 'bern', by),
        ['bob', 'eve'],
      ],
      [
        'when a group of the user is deleted',
        ({ identities }) => identities.groups.delete({ iam: 'bim', name: 'by-hand' }, by),
        ['bob', 'eve'],
      ],
      [
        'when a group of the user has another name',
        ({ identities }) => void identities.groups.edit({ iam, name: 'staff' }, { name: 'crew' }, by),
        [],
      ],
      [
        'when the user is deleted',
        ({ identities }) => identities.users.delete(ada, { confirmed: true, typed: 'Delete' }, by),
        ['bob', 'eve'],
      ],
      [
        'when a user of the built-in IAM is migrated to the user',
        ({ identities }) => {
          identities.users.create({ userid: 'ada', name: 'Ada' }, by);
          identities.attributes.add({ user: { iam: 'bim', userid: 'ada' } }, 'floor', '3', by);
          identities.users.migrate('ada', iam, 'ada', by);
        },
        ['bob', 'eve'],
      ],
      [
        'when the stored access of the user is changed without the interface',
        ({ db }) => {
          db.run("UPDATE memberships SET origin = 'identity-provider' WHERE origin = 'platform'");
          db.run("UPDATE user_values SET value = 'apac' WHERE user_id = (SELECT id FROM users WHERE userid = 'bob')");
        },
        ['eve'],
      ],
    ];
    for (const [name, change, left] of changes) {
      it(name, () => {
        change(simulator);
        expect(remembered(simulator)).to.deep.equal(left);
      });
    }

    it('when a person changes the user between the request and the end of the page', async () => {
      const [first = ''] = userids;
      endpoint.handler = (_request, response, userid) => {
        if (userid === 'eve') simulator.identities.users.setDisabled({ iam, userid: first }, true, by);
        answer(response, endpoint.users.get(userid) ?? 404);
      };
      set(simulator, {}, { pageSize: 3, concurrency: 1 });
      await sync(simulator, listOf(userids));
      expect(remembered(simulator)).to.deep.equal(userids);
      expect(simulator.identities.users.get(ada).disabled, 'by whom').to.equal(true);
      const { before } = simulator.runs.find(3, 'ada') ?? {};
      expect(JSON.parse(before ?? '{}')).to.deep.include({ disabled: true });
    });
  });

  it('is valid only under the settings with which it was evaluated', async () => {
    const simulator = open();
    endpoint.users.set('ada', { groups: ['Staff'] });
    await sync(simulator, listOf(['ada']));
    await sync(simulator, listOf(['ada']));
    set(simulator, { groupCase: 'lower' });
    const { summary } = await sync(simulator, listOf(['ada']));
    expect(summary).to.deep.include({ changed: 1 });
    expect(simulator.identities.users.view(ada).groups.map(({ name }) => name)).to.deep.equal(['staff']);
  });

  it('is valid only with the same data in the list, and the same content type', async () => {
    const simulator = open({ contentType: 'json' });
    endpoint.users.set('ada', { groups: ['staff'] });
    await sync(simulator, listOf(['ada'], ['finance']));
    await sync(simulator, listOf(['ada'], ['finance']));
    expect((await sync(simulator, listOf(['ada'], ['sales']))).summary).to.deep.include({ changed: 1 });
    endpoint.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(JSON.stringify({ groups: [{ name: 'staff' }], authorizations: {} }));
    };
    const { summary } = await sync(simulator, listOf(['ada'], ['sales']));
    expect(summary?.failures).to.deep.equal({ 'invalid-body': 1 });
  });

  it('keeps the records of each run, even when earlier runs are deleted', async () => {
    const simulator = open();
    endpoint.users.set('ada', { groups: ['staff'] });
    const first = await sync(simulator, listOf(['ada']));
    const second = await sync(simulator, listOf(['ada']));
    const third = await sync(simulator, listOf(['ada']));
    const wanted = {
      ...{ userid: 'ada', outcome: 'user', status: 200, detail: null, after: null },
      before: JSON.stringify({ groups: [{ name: 'staff' }], authorizations: {} }),
    };
    simulator.runs.delete(first.id);
    simulator.runs.delete(second.id);
    expect([...eachRunUser(simulator.runs, third.id)]).to.deep.equal([wanted]);
    const fourth = await sync(simulator, listOf(['ada']));
    expect([...eachRunUser(simulator.runs, fourth.id)]).to.deep.equal([wanted]);
    forget(simulator);
    simulator.runs.delete(third.id);
    simulator.runs.delete(fourth.id);
    expect(simulator.db.all('SELECT * FROM user_states'), 'unreferenced rows are deleted').to.deep.equal([]);
  });

  it('is found for users of any name, and only for the same user', async () => {
    const names = ['q"uote', 'back\\slash', 'zoë 😀', '__proto__', '12', "o'neil", '%_', '{"a":[1]}', 'u\u2028'].sort();
    const simulator = open();
    for (const name of names) endpoint.users.set(name, { groups: [`group of ${name}`] });
    await sync(simulator, listOf(names));
    const run = await sync(simulator, listOf(names));
    expect(remembered(simulator).sort()).to.deep.equal(names);
    const { db, runs } = simulator;
    const keys = new Map(
      db
        .all<{ userid: string; key: string }>(
          'SELECT userid, answer_key AS key FROM remembered_answers JOIN users ON users.id = user_id',
        )
        .map(({ userid, key }) => [userid, key] as const),
    );
    db.run('DELETE FROM run_users WHERE run_id = ?', [run.id]);
    const wrongKeys = new Map(names.map((name) => [name, `not the key of ${name}`]));
    expect([...addUnchangedUsers(db, run, wrongKeys)].sort()).to.deep.equal(names);
    expect([...addUnchangedUsers(db, { ...run, iam: 'bim' }, keys)].sort()).to.deep.equal(names);
    expect([...eachRunUser(runs, run.id)]).to.deep.equal([]);
    // Adds the users once, and again when they already exist.
    for (const _time of [1, 2]) expect([...addUnchangedUsers(db, run, keys)]).to.deep.equal([]);
    const added = [...eachRunUser(runs, run.id)].map(({ userid, before }) => [userid, JSON.parse(before ?? '').groups]);
    expect(added.sort()).to.deep.equal(names.map((name) => [name, [{ name: `group of ${name}` }]]));
  });

  /** Changes between two syncs. */
  const happenings: ReadonlyArray<(simulator: Simulator) => void> = [
    () => undefined,
    ({ identities }) => identities.users.find(ada) && identities.users.setDisabled(ada, true, by),
    ({ identities }) => identities.users.find(ada) && identities.users.setDisabled(ada, false, by),
    ({ identities }) =>
      identities.users.find(ada) && identities.groups.addMember({ iam: 'bim', name: 'by-hand' }, ada, by),
    ({ identities }) => identities.users.find(ada) && identities.attributes.add({ user: ada }, 'region', 'emea', by),
    ({ identities }) =>
      identities.users.find(ada) && identities.users.delete(ada, { confirmed: true, typed: 'Delete' }, by),
    ({ identities }) =>
      identities.groups.find({ iam, name: 'staff' }) &&
      !identities.groups.find({ iam, name: 'crew' }) &&
      identities.groups.edit({ iam, name: 'staff' }, { name: 'crew' }, by),
    ({ identities }) => {
      if (identities.users.find({ iam: 'bim', userid: 'ada' })) return;
      identities.users.create({ userid: 'ada', name: 'Ada' }, by);
      identities.users.migrate('ada', iam, 'ada', by);
    },
  ];
  const given = fc.oneof(
    { arbitrary: fc.record({ groups: fc.subarray(['staff', 'crew']) }), weight: 4 },
    fc.constantFrom(404, 503),
  );
  const step = fc.record({
    answers: fc.option(fc.tuple(given, given, given), { freq: 2 }),
    happening: fc.constantFrom(...happenings),
    listed: fc.option(fc.subarray(userids, { minLength: 1 })),
    listedGroups: fc.option(fc.subarray(['crew', 'finance'])),
  });
  const guesses = fc.record({
    mergeRule: fc.constantFrom('union', 'override', 'attribute-override'),
    removalRule: fc.constantFrom('remove', 'keep'),
    onNotFound: fc.constantFrom('keep', 'clear', 'disable', 'fail'),
  });

  it('does not change the results of runs, whatever happens between them', async () => {
    let used = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 6 }), guesses, async (steps, guessed) => {
        const remembers = open(guessed);
        const forgets = open(guessed);
        endpoint.users.clear();
        for (const { answers, happening, listed, listedGroups } of steps) {
          for (const [at, user] of (answers ?? []).entries()) endpoint.users.set(userids[at] ?? '', user);
          const list = listed && listOf(listed, listedGroups);
          const records: unknown[] = [];
          for (const simulator of [remembers, forgets]) {
            happening(simulator);
            if (simulator === forgets) forget(simulator);
            else used += remembered(simulator).length;
            // A sync without users is rejected in both simulators.
            const outcome = await sync(simulator, list).then(
              (run) => ({ run }),
              (error: SyncError) => error.kind,
            );
            if (typeof outcome === 'string') {
              records.push(outcome);
              continue;
            }
            const { id, summary } = outcome.run;
            records.push({
              users: [...eachRunUser(simulator.runs, id)],
              summary: { ...summary, latency: null, durationMs: 0 },
              stored: [...readStoredUsers(simulator.db, iam, userids).values()],
              audit: simulator.identities.audit.list({ limit: 1000 }),
            });
          }
          expect(records[0]).to.deep.equal(records[1]);
        }
      }),
      { numRuns: 60 },
    );
    expect(used, 'answers that were remembered').to.be.greaterThan(0);
  });
}).timeout(120_000);
