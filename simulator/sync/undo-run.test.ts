// Tests of undoing a run: access by origin and state are as before the run, later changes remain, and what cannot be restored is reported.
import { expect } from 'chai';
import fc from 'fast-check';
import { toAccess } from './access.ts';
import { iam, listOf, rejectionOf, useSync } from './testing/use-sync.ts';
import { undoRun } from './undo-run.ts';

describe('undoing a run', () => {
  const fixture = useSync();
  const undo = (id: number) => undoRun(fixture.simulator, id, 'qa');
  const listed = (userid: string, groups: string[]) => ({
    ...{ userid, name: null, email: null },
    access: toAccess({ groups: groups.map((name) => ({ name })), authorizations: {} }),
  });

  it('removes what the run added and restores what it removed, from the endpoint and the identity provider', async () => {
    const { endpoint } = fixture;
    endpoint.users.set('ada', { groups: ['staff'], attributes: { region: ['emea'] } });
    endpoint.users.set('bob', { groups: ['staff'] });
    await fixture.sync({ list: listOf(listed('ada', ['hr']), listed('bob', ['hr'])) });
    const before = ['ada', 'bob'].map(fixture.accessOf);
    endpoint.users.set('ada', { groups: ['admins'], attributes: { region: ['apac'] } });
    endpoint.users.set('eve', { groups: ['staff'] });
    const { run } = await fixture.sync({ list: listOf(listed('ada', []), listed('eve', [])) });
    expect(fixture.accessOf('bob')?.[0]).to.equal('disabled');
    const undone = undo(run.id);
    expect(['ada', 'bob'].map(fixture.accessOf)).to.deep.equal(before);
    expect(fixture.accessOf('eve'), 'a user whom the run created').to.equal(null);
    expect(undone).to.deep.include({ runId: run.id, restored: 2, deleted: 1 });
    expect(undone.notRestored).to.deep.equal(['admins has no members now, and was not deleted.']);
    expect(undone.durationMs).to.be.at.least(0);
    expect((await rejectionOf(Promise.resolve().then(() => undo(run.id)))).message).to.equal(
      `Run ${run.id} was already undone by qa.`,
    );
  });

  it('keeps later changes by people and runs, and reports these changes', async () => {
    const { endpoint, simulator } = fixture;
    endpoint.users.set('ada', { groups: ['staff'] });
    endpoint.users.set('bob', { groups: ['staff'] });
    const { run } = await fixture.sync({ list: listOf('ada', 'bob') });
    simulator.identities.groups.create({ name: 'stewards' }, 'test');
    simulator.identities.groups.addMember({ iam: 'bim', name: 'stewards' }, { iam, userid: 'ada' }, 'test');
    simulator.identities.users.delete({ iam, userid: 'bob' }, { confirmed: true, typed: 'Delete' }, 'test');
    endpoint.users.set('ada', { groups: ['staff', 'crew'] });
    const later = await fixture.sync({ list: listOf('ada') });
    const undone = undo(run.id);
    expect(fixture.accessOf('ada')).to.deep.equal(['crew', 'stewards']);
    expect(undone.notRestored).to.deep.equal([
      'bob has been deleted since then.',
      'ada was created by the run, and remains because of later changes or a login.',
      'staff has no members now, and was not deleted.',
      `Run ${later.run.id} was applied later; its changes remain.`,
    ]);
  });

  it('makes an earlier run that the guard stopped outdated', async () => {
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    const { run } = await fixture.sync({ list: listOf('ada') });
    fixture.set({ blastRadius: { maxLosingPercent: 0, toleratedLosingUsers: 0 } });
    fixture.endpoint.users.set('ada', { groups: [] });
    const stopped = await fixture.sync({ list: listOf('ada') });
    expect(stopped.ending).to.equal('stopped');
    undo(run.id);
    expect(fixture.simulator.runs.findAppliedAfter(stopped.run.id)).to.equal(run.id);
  });

  it('rejects a run that was not applied', async () => {
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    const { run } = await fixture.sync({ list: listOf('ada'), dryRun: true });
    expect((await rejectionOf(Promise.resolve().then(() => undo(run.id)))).message).to.include('was not applied');
  });

  it('restores any state, whatever the run changed', async () => {
    const names = ['ada', 'bob', 'eve'];
    const state = fc.array(fc.subarray(['a', 'b', 'c']), { minLength: 3, maxLength: 3 });
    const listing = fc.subarray(names);
    await fc.assert(
      fc.asyncProperty(state, state, listing, async (first, second, kept) => {
        fixture.reopen(null);
        fixture.createIam();
        fixture.set({});
        const answer = (groups: string[][]) => {
          for (const [index, userid] of names.entries())
            fixture.endpoint.users.set(userid, { groups: groups[index] ?? [] });
        };
        answer(first);
        await fixture.sync({ list: listOf(...names) });
        const before = names.map(fixture.accessOf);
        answer(second);
        const { run } = await fixture.sync({ list: listOf(...kept) });
        undo(run.id);
        expect(names.map(fixture.accessOf)).to.deep.equal(before);
      }),
      { numRuns: 30 },
    );
  }).timeout(60_000);
});
