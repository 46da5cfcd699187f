// Tests what is told of user ids whose letter case or spaces are declared: which check judges, and what the platform makes of it.
import { expect } from 'chai';
import type { Steps } from '../faults/conformant-endpoint.ts';
import type { ConformanceOptions } from '../run-conformance.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';

const ids = ['userid-letter-case', 'userid-case-as-declared', 'userid-spaces-refused', 'userid-spaces-as-declared'];
const folding = (good: Steps): Partial<Steps> => ({ findUser: (userid) => good.findUser(userid.trim().toLowerCase()) });

async function judge(change: Partial<ConformanceOptions>, alter: (good: Steps) => Partial<Steps> = () => ({})) {
  const report = await runAgainst({ auth: 'none', alter }, { only: ids, ...change });
  return { report, statuses: ids.map((id) => findCheck(report, id).status) };
}

describe('user ids that are one or two', () => {
  it('are judged by one check each: the declared one, or the one that says what is usual', async () => {
    expect((await judge({})).statuses).to.deep.equal(['passed', 'skipped', 'passed', 'skipped']);
    const { report, statuses } = await judge({ useridCase: 'sensitive', useridSpaces: 'kept' });
    expect(statuses).to.deep.equal(['skipped', 'passed', 'skipped', 'passed']);
    expect(findCheck(report, 'userid-letter-case').message).to.include('Covered by userid-case-as-declared');
    expect(report.attestation.configuration).to.include({ useridCase: 'sensitive', useridSpaces: 'kept' });
  });

  it('are no breach when they are found as declared', async () => {
    const { report } = await judge({ useridCase: 'insensitive', useridSpaces: 'trimmed' }, folding);
    expect(report.summary).to.include({ passed: 2, failed: 0 });
    expect(report.verdict).to.equal('conforms');
  });

  it('are silently wrong access when two were declared and one is found', async () => {
    const { report, statuses } = await judge({ useridCase: 'sensitive', useridSpaces: 'kept' }, folding);
    expect(statuses).to.deep.equal(['skipped', 'failed', 'skipped', 'failed']);
    expect(findCheck(report, ids[1] ?? '').platformVerdict).to.equal('silently-wrong-access');
    expect(report.verdict).to.equal('does-not-conform');
  });

  it('are refused when one was declared and two are found, and wrong access when it is another’s', async () => {
    const declared = { useridCase: 'insensitive', useridSpaces: 'trimmed' } as const;
    const { report } = await judge(declared);
    expect(findCheck(report, ids[1] ?? '').platformVerdict).to.equal('refused');
    const { report: other } = await judge(declared, (good) => ({
      findUser: async (userid) =>
        (await good.findUser(userid)) ?? (/canary-.*ada/i.test(userid) ? { groups: [], authorizations: {} } : null),
    }));
    expect(findCheck(other, ids[1] ?? '')).to.include({ status: 'failed', platformVerdict: 'silently-wrong-access' });
    expect(findCheck(other, ids[1] ?? '').message).to.include('status 200 with other data');
  });

  it('are not judged by a name without letters', async () => {
    const { report } = await judge({ useridCase: 'sensitive', knownUsers: ['12345@67'] }, () => ({
      findUser: async () => ({ groups: [], authorizations: {} }),
    }));
    expect(findCheck(report, ids[1] ?? '').message).to.include('letters from a to z');
  });
});
