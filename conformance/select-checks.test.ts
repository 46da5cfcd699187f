// Tests of the selection of checks by id and by topic, alone and in a run.
import { expect } from 'chai';
import { catalogue } from './checks/catalogue.ts';
import { ConformanceOptionsError } from './run-conformance.ts';
import { type CheckSelection, findSelectionFaults, selectChecks, topicName } from './select-checks.ts';
import { runAgainst } from './testing/fixture.ts';

const all = catalogue.flatMap(({ checks }) => checks.map(({ id }) => id));
const select = (selection: CheckSelection) =>
  selectChecks(catalogue, selection).flatMap(({ checks }) => checks.map(({ id }) => id));

describe('the selection of checks', () => {
  it('includes all checks by default', () => {
    expect(select({})).to.deep.equal(all);
  });

  it('accepts ids and topics together, in the order of the catalogue', () => {
    const ofTopic = catalogue.find(({ title }) => title === 'An unknown user')?.checks.map(({ id }) => id) ?? [];
    expect(select({ only: ['an-unknown-user', 'known-user-200'] })).to.deep.equal(['known-user-200', ...ofTopic]);
    expect(select({ only: ['An unknown user'] })).to.deep.equal(ofTopic);
  });

  it('excludes skipped checks, including selected ones', () => {
    expect(select({ skip: ['tls', 'known-user-200'] }).filter((id) => id.startsWith('tls-'))).to.deep.equal([]);
    const selected = select({ only: ['an-unknown-user'], skip: ['unknown-user-404'] });
    expect(selected).to.include('unknown-user-refused').and.not.to.include('unknown-user-404');
  });

  it('has unique names of topics, none of which is an id', () => {
    const names = catalogue.map(topicName);
    expect(new Set([...names, ...all]).size).to.equal(names.length + all.length);
  });

  it('rejects an unknown name with a suggestion, and an empty selection', () => {
    expect(
      findSelectionFaults(catalogue, { only: ['unknown-user-refuse'], skip: ['tsl', 'nothing-like-it-anywhere'] }),
    ).to.deep.equal([
      '--only: there is no check and no topic "unknown-user-refuse"; did you mean "unknown-user-refused"? `user-info explain` lists them.',
      '--skip: there is no check and no topic "tsl"; did you mean "tls"? `user-info explain` lists them.',
      '--skip: there is no check and no topic "nothing-like-it-anywhere". `user-info explain` lists them.',
    ]);
    expect(findSelectionFaults(catalogue, { only: ['tls'], skip: ['tls'] })).to.have.length(1);
    expect(findSelectionFaults(catalogue, { only: [] })).to.have.length(1);
  });

  it('shows only the selected checks in the report, and says that others were excluded', async () => {
    const { checks, leftOut, verdict, attestation } = await runAgainst(
      { auth: 'none' },
      { only: ['unknown-user-refused'] },
    );
    expect(checks.map(({ id, status }) => [id, status])).to.deep.equal([['unknown-user-refused', 'passed']]);
    expect(verdict).to.equal('conforms');
    expect(leftOut).to.deep.equal([`${all.length - 1} of ${all.length} checks were not selected (--only, --skip).`]);
    expect(attestation.configuration.inputs).to.include('only');
  });

  it('without a check of the contract makes no statement on conformance', async () => {
    const { reason, verdict } = await runAgainst({ auth: 'none' }, { only: ['unknown-user-404'] });
    expect(verdict).to.equal('could-not-run');
    expect(reason).to.include('No scored check of the contract rule set was selected');
  });

  it('that is invalid is rejected before any request', async () => {
    const failure = await runAgainst({ auth: 'none' }, { only: ['unknown-user-refuse'] }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(ConformanceOptionsError);
  });
});
