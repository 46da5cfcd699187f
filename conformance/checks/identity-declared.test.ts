// Tests of the checks of the declared significance of letter case or spaces in user ids: requests, result, and effect on the platform.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import type { Steps } from '../faults/conformant-endpoint.ts';
import type { ConformanceOptions } from '../run-conformance.ts';
import { answer, checkOf, closed, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';
import { declaredCase, declaredSpaces } from './identity-declared.ts';

const ids = ['userid-letter-case', 'userid-case-as-declared', 'userid-spaces-refused', 'userid-spaces-as-declared'];
const folding = (good: Steps): Partial<Steps> => ({ findUser: (userid) => good.findUser(userid.trim().toLowerCase()) });

async function runDeclared(change: Partial<ConformanceOptions>, alter: (good: Steps) => Partial<Steps> = () => ({})) {
  const report = await runAgainst({ auth: 'none', alter }, { only: ids, ...change });
  return { report, statuses: ids.map((id) => findCheck(report, id).status) };
}

describe('user ids that differ in letter case or spaces', () => {
  it('are each covered by one check, either of the declared rule or of the default one', async () => {
    expect((await runDeclared({})).statuses).to.deep.equal(['passed', 'skipped', 'passed', 'skipped']);
    const { report, statuses } = await runDeclared({ useridCase: 'sensitive', useridSpaces: 'kept' });
    expect(statuses).to.deep.equal(['skipped', 'passed', 'skipped', 'passed']);
    expect(findCheck(report, 'userid-letter-case').message).to.include('Covered by userid-case-as-declared');
    expect(report.attestation.configuration).to.include({ useridCase: 'sensitive', useridSpaces: 'kept' });
  });

  it('conform when the endpoint behaves as declared', async () => {
    const { report } = await runDeclared({ useridCase: 'insensitive', useridSpaces: 'trimmed' }, folding);
    expect(report.summary).to.include({ passed: 2, failed: 0 });
    expect(report.verdict).to.equal('conforms');
  });

  it('have the impact "wrong access" when they were declared to differ and do not', async () => {
    const { report, statuses } = await runDeclared({ useridCase: 'sensitive', useridSpaces: 'kept' }, folding);
    expect(statuses).to.deep.equal(['skipped', 'failed', 'skipped', 'failed']);
    expect(findCheck(report, ids[1] ?? '').platformVerdict).to.equal('silently-wrong-access');
    expect(report.verdict).to.equal('does-not-conform');
  });

  it('have the impact "refused" when wrongly declared as one user, and "wrong access" when they find another user', async () => {
    const declared = { useridCase: 'insensitive', useridSpaces: 'trimmed' } as const;
    const { report } = await runDeclared(declared);
    expect(findCheck(report, ids[1] ?? '').platformVerdict).to.equal('refused');
    const { report: other } = await runDeclared(declared, (good) => ({
      findUser: async (userid) =>
        (await good.findUser(userid)) ?? (/canary-.*ada/i.test(userid) ? { groups: [], authorizations: {} } : null),
    }));
    expect(findCheck(other, ids[1] ?? '')).to.include({ status: 'failed', platformVerdict: 'silently-wrong-access' });
    expect(findCheck(other, ids[1] ?? '').message).to.include('status 200 with other data');
  });

  it('are not tested with a name without letters', async () => {
    const { report } = await runDeclared({ useridCase: 'sensitive', knownUsers: ['12345@67'] }, () => ({
      findUser: async () => ({ groups: [], authorizations: {} }),
    }));
    expect(findCheck(report, ids[1] ?? '').message).to.include('letters from a to z');
  });
});

describe('the checks of declared names', () => {
  type Response = ReturnType<typeof answer> | Error;
  const dataOf = (userid: string) => answer(200, userInfo(`group of ${userid}`));

  /** Runs a check against an endpoint where each known user gets their own data and every other name gets `others`. */
  function run(
    id: string,
    declared: Partial<CheckedOptions>,
    others: (index: number) => Response = () => answer(404, 'x'),
    knownUsers = ['aDa'],
  ) {
    let count = 0;
    const respond = ({ userids: [userid = ''] }: ShortRequest) =>
      knownUsers.includes(userid) ? dataOf(userid) : others(count++);
    const { context, sent } = createFakeContext({ respond, options: { knownUsers, ...declared } });
    return { ended: checkOf([declaredCase, declaredSpaces], id).run(context), sent };
  }

  const caseId = 'userid-case-as-declared';
  const spacesId = 'userid-spaces-as-declared';
  const one: Readonly<Record<string, Partial<CheckedOptions>>> = {
    [caseId]: { useridCase: 'insensitive' },
    [spacesId]: { useridSpaces: 'trimmed' },
  };
  const two: Readonly<Record<string, Partial<CheckedOptions>>> = {
    [caseId]: { useridCase: 'sensitive' },
    [spacesId]: { useridSpaces: 'kept' },
  };
  const names: Readonly<Record<string, readonly string[]>> = { [caseId]: ['ADA'], [spacesId]: [' aDa', 'aDa '] };

  for (const [id, expected] of Object.entries(names)) {
    it(`${id} sends ${JSON.stringify(expected)}`, async () => {
      const { ended, sent } = run(id, one[id] ?? {}, () => dataOf('aDa'));
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['aDa', ...expected]);
    });

    it(`${id} requires the same data where the names were declared to be one user`, async () => {
      const find = (last: Response) =>
        findingOf(run(id, one[id] ?? {}, (index) => (index === expected.length - 1 ? last : dataOf('aDa'))).ended);
      const refused = await find(answer(404, 'x'));
      expect(refused).to.include({ seen: 'status 404 with application/json', impact: 'refused' });
      expect(refused.answers).to.have.length(1);
      const silent = await find(closed());
      expect(silent).to.include({ seen: 'a closed connection', impact: 'refused' });
      expect(silent).to.not.have.property('answers');
      const other = await find(dataOf('other'));
      expect(other).to.include({ seen: 'status 200 with other data', impact: 'silently-wrong-access' });
      expect(await find(answer(403, userInfo('group of aDa')))).to.include({ impact: 'refused' });
    });

    it(`${id} requests the user again only before it reports different data`, async () => {
      const { ended, sent } = run(id, one[id] ?? {}, () => dataOf('other'));
      expect(await endingOf(ended)).to.include('violated:');
      expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['aDa', expected[0], 'aDa']);
      const refused = run(id, one[id] ?? {});
      expect(await endingOf(refused.ended)).to.include('violated:');
      expect(refused.sent).to.have.length(2);
    });

    it(`${id} requires any other response where the names were declared to be two users`, async () => {
      const runLast = (last: Response) =>
        run(id, two[id] ?? {}, (index) => (index === expected.length - 1 ? last : answer(404)));
      for (const response of [answer(404), closed(), dataOf('other')])
        expect(await endingOf(runLast(response).ended)).to.equal('passed');
      const finding = await findingOf(runLast(dataOf('aDa')).ended);
      expect(finding.seen).to.equal('the data of the known user');
      expect(finding.answers).to.have.length(1);
      expect(finding).to.not.have.property('impact');
    });
  }

  it('change the case of every second letter from a to z, in a name with at least three letters', async () => {
    const { ended, sent } = run(caseId, two[caseId] ?? {}, undefined, ['ab1', 'a1bCdéz']);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['a1bCdéz', 'A1bcdéZ']);
    expect(await endingOf(run(caseId, two[caseId] ?? {}, undefined, ['ab', '12']).ended)).to.include(
      'skipped: Add a known user whose name has at least 3 letters from a to z',
    );
    expect(await endingOf(run(caseId, two[caseId] ?? {}, undefined, ['abc']).ended)).to.equal('passed');
  });

  it('are untestable where the user gets different data each time', async () => {
    const { context } = createFakeContext({
      respond: (_question, index) => answer(200, userInfo(`group ${index}`)),
      options: { knownUsers: ['aDa'], useridSpaces: 'trimmed' },
    });
    expect(await endingOf(declaredSpaces.run(context))).to.include('untestable: The known user gets different data');
  });
});
