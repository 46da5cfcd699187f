// Tests of the guard of a sync over real HTTP: the runs that it stops, accepting and rejecting a run, and the changes that count.
import { expect } from 'chai';
import type { GuardNumbers } from './run.ts';
import { rejectRun } from './run-decisions.ts';
import { resumeSync } from './run-sync.ts';
import { by, iam, listOf, rejectionOf, useSync } from './testing/use-sync.ts';

/** All limits are off: each test sets its own. */
const unlimited = { maxLosingPercent: 100, mayEmptyGroups: true, maxGroupLosingPercent: 100, maxGainingPercent: 100 };

describe('the guard of a sync', () => {
  const fixture = useSync();
  const { set, sync, accessOf } = fixture;
  const names = Array.from({ length: 10 }, (_, index) => `user${index}`);
  const limit = (blastRadius: object, sync: object = {}) =>
    set({ blastRadius: { ...unlimited, ...blastRadius }, sync: { pageSize: 2, concurrency: 3, ...sync } });
  const answer = (userids: readonly string[], user: { groups?: string[]; attributes?: Record<string, string[]> }) => {
    for (const userid of userids) fixture.endpoint.users.set(userid, user);
  };
  const resume = (runId: number, numbers?: GuardNumbers) =>
    resumeSync(fixture.simulator, runId, null, numbers === undefined ? {} : { accept: { by, ...numbers } });
  beforeEach(async () => {
    answer(names, { groups: ['staff'], attributes: { site: ['bern'] } });
    await sync({ list: listOf(...names) });
  });

  describe('for losses', () => {
    it('stops a run, with the reason and before anything is applied, when too many users lose access', async () => {
      limit({ maxLosingPercent: 20 });
      answer(names.slice(0, 3), { groups: ['staff'] });
      const { ending, summary } = await sync();
      expect(ending).to.equal('stopped');
      expect(summary.stopped).to.deep.equal([
        '3 of 10 enabled users (30%) would lose access; blastRadius.maxLosingPercent allows 20%.',
      ]);
      expect(summary.toConfirm).to.deep.equal({ losses: 3 });
      expect(accessOf('user0')).to.deep.equal(['site=bern', 'staff']);
    });

    it('applies a run within the limit', async () => {
      limit({ maxLosingPercent: 20 });
      answer(names.slice(0, 2), { groups: ['staff'] });
      answer(names.slice(2), { groups: ['staff', 'more'], attributes: { site: ['bern', 'basel'] } });
      const { ending, summary } = await sync();
      expect([ending, summary.losing, summary.changed]).to.deep.equal(['done', 2, 10]);
    });

    it('compares exact counts: 0% allows no users, and one user above 20% is too many', async () => {
      const large = { pageSize: 1000, concurrency: 16 };
      limit({ maxLosingPercent: 0 }, large);
      const many = Array.from({ length: 2490 }, (_, index) => `more${index}`);
      answer(many, { groups: ['staff'], attributes: { site: ['bern'] } });
      await sync({ list: listOf(...names, ...many) });
      answer(['user0'], { groups: ['staff'] });
      const one = await sync();
      expect([one.ending, one.summary.stopped]).to.deep.equal([
        'stopped',
        ['1 of 2500 enabled users (0.04%) would lose access; blastRadius.maxLosingPercent allows 0%.'],
      ]);
      rejectRun(fixture.simulator, one.run.id, by);
      limit({ maxLosingPercent: 20 }, large);
      answer(many.slice(0, 500), { groups: ['staff'] });
      const tooMany = await sync();
      expect([tooMany.ending, tooMany.summary.losing]).to.deep.equal(['stopped', 501]);
      expect(tooMany.summary.stopped.join()).to.include('501 of 2500 enabled users (20.04%)');
      answer(['user0'], { groups: ['staff'], attributes: { site: ['bern'] } });
      expect((await sync()).ending).to.equal('done');
    });

    it('has a limit on the number of users beside the limit in percent, and a number that is always allowed', async () => {
      limit({ maxLosingUsers: 2 });
      answer(names.slice(0, 3), {});
      expect((await sync({ dryRun: true })).summary.stopped).to.deep.equal([
        '3 of 10 enabled users (30%) would lose access; blastRadius.maxLosingUsers allows 2.',
      ]);
      limit({ maxLosingPercent: 5, toleratedLosingUsers: 3 });
      expect((await sync({ dryRun: true })).summary.stopped).to.deep.equal([]);
      answer(names.slice(0, 4), {});
      expect((await sync({ dryRun: true })).summary.stopped).to.have.length(1);
    });

    it('adds up the runs of the window: five runs of 20% each do not remove everything', async () => {
      limit({ maxLosingPercent: 20 });
      const endings: string[] = [];
      for (let first = 0; first < 10; first += 2) {
        answer(names.slice(first, first + 2), {});
        const { run, ending } = await sync();
        endings.push(ending);
        if (ending === 'stopped')
          expect(run.summary?.stopped.join()).to.match(/within 7 days: \d+ by this run, 2 by run 2;/);
      }
      expect(endings).to.deep.equal(['done', 'stopped', 'stopped', 'stopped', 'stopped']);
    });

    it('does not add up access that users regained, and adds up nothing when windowDays is 0', async () => {
      limit({ maxLosingPercent: 20 });
      answer(names.slice(0, 2), { groups: ['staff'] });
      await sync();
      answer(names.slice(0, 2), { groups: ['staff'], attributes: { site: ['bern'] } });
      await sync();
      answer(names.slice(2, 4), { groups: ['staff'] });
      expect((await sync()).ending).to.equal('done');
      answer(names.slice(4, 6), { groups: ['staff'] });
      expect((await sync({ dryRun: true })).summary.stopped).to.have.length(1);
      limit({ maxLosingPercent: 20, windowDays: 0 });
      expect((await sync()).ending).to.equal('done');
    });

    it('stops a run that would empty a group by disabling all its members', async () => {
      limit({ mayEmptyGroups: false });
      const { ending, summary } = await sync({ list: listOf('new') });
      expect([ending, summary.emptied]).to.deep.equal(['stopped', ['staff']]);
      expect(summary.stopped).to.deep.equal(['A group would have no members left: staff.']);
    });

    it('does not count a group as emptied when other users join it', async () => {
      answer(names, { groups: ['renamed'] });
      answer(['new'], { groups: ['staff'] });
      expect((await sync({ list: listOf(...names, 'new') })).summary.emptied).to.deep.equal([]);
    });

    it('stops a run in which a large group loses most members', async () => {
      limit({ maxGroupLosingPercent: 50 });
      answer(names.slice(0, 6), { attributes: { site: ['bern'] } });
      expect((await sync()).summary.stopped).to.deep.equal([
        '6 of 10 members (60%) would lose the group staff; blastRadius.maxGroupLosingPercent allows 50%.',
      ]);
      limit({ maxGroupLosingPercent: 50, minGroupSize: 11 });
      expect((await sync()).ending).to.equal('done');
    });

    it('distinguishes groups with the same name in two IAMs', async () => {
      const { groups } = fixture.simulator.identities;
      groups.create({ name: 'staff' }, by);
      for (const userid of names) groups.addMember({ iam: 'bim', name: 'staff' }, { iam, userid }, by);
      limit({ maxLosingPercent: 20, mayEmptyGroups: false });
      answer(names, { attributes: { site: ['bern'] } });
      const { ending, summary } = await sync();
      expect([ending, summary.losing, summary.emptied]).to.deep.equal(['stopped', 10, ['staff']]);
    });

    it('stops every loss by a protected user and every loss of a protected group', async () => {
      limit({ protectedUsers: ['user0'], protectedGroups: ['staff'] });
      answer(['user0'], { groups: ['staff'] });
      answer(['user1'], { attributes: { site: ['bern'] } });
      expect((await sync()).summary.stopped).to.deep.equal([
        'Protected users would lose access: user0.',
        '1 user would lose the protected group staff.',
      ]);
    });
  });

  describe('for gains', () => {
    it('stops a run in which most users gain the same group, except for new users', async () => {
      limit({ maxGainingPercent: 50 });
      answer(names.slice(0, 6), { groups: ['staff', 'admins'], attributes: { site: ['bern'] } });
      const { ending, summary } = await sync();
      expect([ending, summary.stopped, summary.toConfirm]).to.deep.equal([
        'stopped',
        ['6 of 10 users (60%) would gain the group admins; blastRadius.maxGainingPercent allows 50%.'],
        { gains: 6 },
      ]);
      answer(names, { groups: ['staff'], attributes: { site: ['bern'] } });
      const more = Array.from({ length: 20 }, (_, index) => `new${index}`);
      answer(more, { groups: ['newcomers'] });
      expect((await sync({ list: listOf(...names, ...more) })).ending).to.equal('done');
    });

    it('stops a run in which a user gains a group that grants a permission, or a protected group', async () => {
      limit({ protectedGroups: ['finance'] });
      fixture.simulator.identities.iams.setPermissions(iam, 'ops', ['USER_ADMIN'], by);
      answer(['user0'], { groups: ['staff', 'ops'], attributes: { site: ['bern'] } });
      answer(['new'], { groups: ['finance'] });
      const { run, ending, summary } = await sync({ list: listOf(...names, 'new') });
      expect([ending, summary.stopped]).to.deep.equal([
        'stopped',
        [
          '1 user would gain the protected group finance.',
          '1 user would gain the group ops, which carries the permission USER_ADMIN.',
        ],
      ]);
      expect((await resume(run.id, { gains: 2 })).ending).to.equal('done');
      expect(accessOf('user0')).to.deep.equal(['ops', 'site=bern', 'staff']);
    });
  });

  describe('and a decision', () => {
    it('applies an accepted run without further requests, for exactly the confirmed number', async () => {
      limit({ maxLosingPercent: 0 });
      answer(names.slice(0, 2), {});
      const { run } = await sync();
      fixture.endpoint.requests.length = 0;
      for (const numbers of [undefined, {}, { losses: 1 }, { losses: 3 }, { losses: 2, gains: 0 }]) {
        expect((await resume(run.id, numbers)).ending, JSON.stringify(numbers)).to.equal('stopped');
      }
      const { ending, run: applied } = await resume(run.id, { losses: 2 });
      expect([ending, accessOf('user0'), fixture.endpoint.requests.length]).to.deep.equal(['done', [], 0]);
      expect(applied.decision).to.deep.include({ kind: 'accepted', by });
      expect((await rejectionOf(resume(run.id))).message).to.include('is done');
    });

    it('starts a new window with an accepted run', async () => {
      limit({ maxLosingPercent: 20 });
      answer(names.slice(0, 5), {});
      const { run } = await sync();
      await resume(run.id, { losses: 5 });
      answer(names.slice(5, 7), {});
      expect((await sync()).ending).to.equal('done');
    });

    it('does not start a new window with a run of which only gains were accepted', async () => {
      limit({ maxLosingPercent: 20, maxGainingPercent: 50, minGainingUsers: 1 });
      answer(names.slice(0, 2), { groups: ['staff'] });
      expect((await sync()).ending).to.equal('done');
      answer(names.slice(2), { groups: ['staff', 'all'], attributes: { site: ['bern'] } });
      const { run, summary } = await sync();
      expect(summary.toConfirm).to.deep.equal({ gains: 8 });
      await resume(run.id, { gains: 8 });
      answer(names.slice(2, 4), { groups: ['staff', 'all'] });
      const { ending, summary: last } = await sync();
      expect([ending, last.stopped.join()]).to.deep.equal([
        'stopped',
        '4 of 10 enabled users (40%) would have lost access within 7 days: 2 by this run, 2 by run 2; blastRadius.maxLosingPercent allows 20%.',
      ]);
    });

    it('evaluates a stopped run again when it is accepted, because a group may grant a permission by then', async () => {
      limit({ maxLosingPercent: 0 });
      answer(['user0'], {});
      answer(['user1'], { groups: ['staff', 'team'], attributes: { site: ['bern'] } });
      const { run, summary } = await sync();
      expect(summary.toConfirm).to.deep.equal({ losses: 1 });
      fixture.simulator.identities.iams.setPermissions(iam, 'team', ['USER_ADMIN'], by);
      const again = await resume(run.id, { losses: 1 });
      expect([again.ending, again.summary.toConfirm]).to.deep.equal(['stopped', { losses: 1, gains: 1 }]);
      expect(again.summary.stopped.at(-1)).to.equal(
        '1 user would gain the group team, which carries the permission USER_ADMIN.',
      );
      expect(accessOf('user1')).to.deep.equal(['site=bern', 'staff']);
      expect((await resume(run.id, { losses: 1, gains: 1 })).ending).to.equal('done');
    });

    it('does not apply a run after a later run was applied', async () => {
      limit({ maxLosingPercent: 0 });
      answer(['user0'], {});
      const { run } = await sync();
      answer(['user0'], { groups: ['staff', 'later'], attributes: { site: ['bern'] } });
      expect((await sync()).ending).to.equal('done');
      const { message } = await rejectionOf(resume(run.id, { losses: 1 }));
      expect(message).to.equal(
        `Run ${run.id} is outdated: run ${run.id + 1} has been applied since, and resuming would overwrite it. Start a new sync.`,
      );
      expect(accessOf('user0')).to.deep.equal(['later', 'site=bern', 'staff']);
    });

    it('does not apply a run after an older run that was accepted later, or after a login', async () => {
      limit({ maxLosingPercent: 0 });
      answer(['user0'], {});
      const first = await sync();
      const second = await sync();
      await resume(first.run.id, { losses: 1 });
      expect((await rejectionOf(resume(second.run.id, { losses: 1 }))).message).to.include('is outdated');
      answer(['user1'], {});
      const third = await sync();
      answer(['user2'], { groups: ['staff', 'more'], attributes: { site: ['bern'] } });
      await fixture.login('user2');
      expect((await rejectionOf(resume(third.run.id, { losses: 1 }))).message).to.include('is outdated');
    });

    it('keeps users disabled whom a person disabled before the run was accepted', async () => {
      limit({ maxLosingPercent: 5 });
      answer(['user0'], { groups: ['staff'] });
      const { run, ending } = await sync();
      expect(ending).to.equal('stopped');
      fixture.simulator.identities.users.setDisabled({ iam, userid: 'user0' }, true, by);
      await resume(run.id, { losses: 1 });
      expect(accessOf('user0')).to.deep.equal(['disabled', 'staff']);
    });

    it('is final once a run is rejected', async () => {
      limit({ maxLosingPercent: 0 });
      answer(['user0'], {});
      const { run } = await sync();
      rejectRun(fixture.simulator, run.id, by);
      expect((await rejectionOf(resume(run.id, { losses: 1 }))).message).to.include('was rejected by qa');
      expect(() => rejectRun(fixture.simulator, run.id, by)).to.throw('was already rejected');
      expect(() => rejectRun(fixture.simulator, 1, by)).to.throw('was not stopped by the guard');
      expect(fixture.simulator.runs.findUndecided(iam)).to.equal(null);
    });
  });
});
