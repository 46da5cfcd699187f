// Tests the guard of a sync over real HTTP: which runs it stops before anything is applied, and what overruling it does.
import { expect } from 'chai';
import { resumeSync } from './run-sync.ts';
import { by, iam, listOf, rejectionOf, useSync } from './testing/use-sync.ts';

describe('the guard of a sync', () => {
  const held = useSync();
  const { set, sync, heldBy } = held;
  const names = Array.from({ length: 10 }, (_, index) => `user${index}`);
  beforeEach(async () => {
    for (const userid of names) held.endpoint.users.set(userid, { groups: ['staff'], attributes: { site: ['bern'] } });
    await sync({ list: listOf(...names) });
  });

  it('stops a run in which too many lose access, before anything is applied, and says why', async () => {
    set({ blastRadius: { maxLosingPercent: 20, mayEmptyGroups: true } });
    for (const userid of names.slice(0, 3)) held.endpoint.users.set(userid, { groups: ['staff'] });
    const { ending, summary } = await sync();
    expect(ending).to.equal('stopped');
    expect(summary.stopped).to.deep.equal([
      '3 users would lose access: 30 % of the enabled users, more than blastRadius.maxLosingPercent (20).',
    ]);
    expect(heldBy('user0')).to.deep.equal(['site=bern', 'staff']);
  });

  it('lets pass what is within the limit, and users who gain', async () => {
    set({ blastRadius: { maxLosingPercent: 20 } });
    for (const userid of names.slice(0, 2)) held.endpoint.users.set(userid, { groups: ['staff'] });
    for (const userid of names.slice(2)) {
      held.endpoint.users.set(userid, { groups: ['staff', 'more'], attributes: { site: ['bern', 'basel'] } });
    }
    const { ending, summary } = await sync();
    expect([ending, summary.losing, summary.losingPercent, summary.changed]).to.deep.equal(['done', 2, 20, 10]);
  });

  it('stops a run that would empty a group, also when its members are disabled', async () => {
    set({ blastRadius: { maxLosingPercent: 100 } });
    const { ending, summary } = await sync({ list: listOf('new') });
    expect(ending).to.equal('stopped');
    expect(summary.emptied).to.deep.equal(['staff']);
    expect(summary.stopped).to.deep.equal(['A group would lose the last member: staff.']);
  });

  it('does not take a group for emptied that others join', async () => {
    set({ blastRadius: { maxLosingPercent: 100 } });
    for (const userid of names) held.endpoint.users.set(userid, { groups: ['renamed'] });
    held.endpoint.users.set('new', { groups: ['staff'] });
    expect((await sync({ list: listOf(...names, 'new') })).summary.emptied).to.deep.equal([]);
  });

  it('leaves disabled whom a person disabled before it was overruled', async () => {
    held.endpoint.users.set('ada', { groups: ['analysts', 'staff'] });
    await sync({ list: listOf('ada') });
    set({ blastRadius: { maxLosingPercent: 10 } });
    held.endpoint.users.set('ada', { groups: ['staff'] });
    const { run, ending } = await sync();
    expect(ending).to.equal('stopped');
    held.simulator.identities.users.setDisabled({ iam, userid: 'ada' }, true, by);
    await resumeSync(held.simulator, run.id, null, { acceptLosses: true });
    expect(heldBy('ada')).to.deep.equal(['disabled', 'staff']);
  });

  it('can be overruled, for the same run without asking again', async () => {
    set({ blastRadius: { maxLosingPercent: 0 } });
    held.endpoint.users.set('user0', {});
    const { run } = await sync();
    held.endpoint.requests.length = 0;
    expect((await resumeSync(held.simulator, run.id, null)).ending).to.equal('stopped');
    const { ending } = await resumeSync(held.simulator, run.id, null, { acceptLosses: true });
    expect([ending, heldBy('user0'), held.endpoint.requests.length]).to.deep.equal(['done', [], 0]);
    expect((await rejectionOf(resumeSync(held.simulator, run.id, null))).message).to.include('is done');
  });
});
