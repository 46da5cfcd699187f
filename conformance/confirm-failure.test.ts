// Tests of the second run of failed checks: confirmed, inconsistent, limited, and unconfirmed failures.
import { expect } from 'chai';
import type { EndpointRequest, Reply, Steps } from './faults/conformant-endpoint.ts';
import { findCheck, runAgainst } from './testing/fixture.ts';

/** Alters the responses for the second known user; receives the number of the request for that user, starting with 1. */
function alterSecondUser(change: (reply: Reply, count: number) => Reply) {
  let count = 0;
  const finish = (reply: Reply, { userids, method }: EndpointRequest) => {
    if (!userids[0]?.startsWith('canary-bob') || method !== 'GET') return reply;
    count += 1;
    return change(reply, count);
  };
  return (): Partial<Steps> => ({ finish });
}

const only = ['known-user-200'];

describe('a failed check of the contract', () => {
  it('is run again, and is confirmed when it fails in the same way', async () => {
    let asked = 0;
    const alter = alterSecondUser((reply, count) => {
      asked = count;
      return { ...reply, status: 404 };
    });
    const report = await runAgainst({ auth: 'none', alter }, { only });
    expect(asked).to.equal(2);
    const result = findCheck(report, 'known-user-200');
    expect(result.status).to.equal('failed');
    expect(result).not.to.have.property('inconsistent');
    expect(result.message).not.to.include('Repeated');
  });

  it('is reported as inconsistent when the second run passes', async () => {
    const alter = alterSecondUser((reply, count) => (count === 1 ? { ...reply, status: 500 } : reply));
    const report = await runAgainst({ auth: 'none', alter }, { only });
    const result = findCheck(report, 'known-user-200');
    expect(result).to.include({ status: 'failed', inconsistent: true });
    expect(result.message).to.include('Repeated: inconsistent, the second run passed.');
    expect(report.verdict).to.equal('does-not-conform');
  });

  it('is reported as inconsistent when the second run fails with a different status', async () => {
    const alter = alterSecondUser((reply, count) => ({ ...reply, status: count === 1 ? 500 : 404 }));
    const report = await runAgainst({ auth: 'none', alter }, { only });
    expect(findCheck(report, 'known-user-200')).to.include({ status: 'failed', inconsistent: true });
    expect(findCheck(report, 'known-user-200').message).to.include('failed otherwise with status 404');
  });

  it('is not reported when the endpoint announced that the failure was temporary', async () => {
    const headers = { 'Retry-After': '1' };
    const alter = alterSecondUser((reply, count) => (count === 1 ? { ...reply, status: 503, headers } : reply));
    const report = await runAgainst({ auth: 'none', alter }, { only: [...only, 'unknown-user-refused'] });
    expect(findCheck(report, 'known-user-200')).to.include({ status: 'untestable' });
    expect(findCheck(report, 'known-user-200').message).to.include('status 503, which is temporary');
    expect(report.verdict).to.equal('conforms');
    expect(report.notRun).to.deep.equal(['known-user-200']);
  });

  it('fails when the temporary failure lasts', async () => {
    const alter = alterSecondUser((reply) => ({ ...reply, status: 503, headers: { 'Retry-After': '1' } }));
    const report = await runAgainst({ auth: 'none', alter }, { only });
    expect(findCheck(report, 'known-user-200').status).to.equal('failed');
    expect(findCheck(report, 'known-user-200').message).not.to.include('Repeated');
  });

  it('is not confirmed when confirmation needs more failed logins than the budget allows', async () => {
    let wrong = 0;
    const alter = (good: Steps): Partial<Steps> => ({
      holdsBasic(authorization) {
        if (!good.holdsBasic(authorization)) wrong += 1;
        return true;
      },
    });
    const change = { only: ['wrong-password-refused'], maxFailedLogins: 1 };
    const report = await runAgainst({ auth: 'basic', alter }, change);
    expect(wrong).to.equal(1);
    const { status, message } = findCheck(report, 'wrong-password-refused');
    expect(status).to.equal('failed');
    expect(message).to.include('Repeated: not confirmed by a second run.').and.to.include('--max-failed-logins');
    expect(report.verdict).to.equal('does-not-conform');
  });

  it('is confirmed with failed logins within the budget', async () => {
    const alter = (): Partial<Steps> => ({ holdsBasic: () => true });
    const report = await runAgainst({ auth: 'basic', alter }, { only: ['wrong-password-refused'] });
    expect(findCheck(report, 'wrong-password-refused').message).not.to.include('Repeated');
    expect(report.attestation.failedLoginsSent).to.equal(2);
  });

  it('stops the data source only once', async () => {
    const alter = (good: Steps): Partial<Steps> => ({
      isSourceUp: () => true,
      async findUser(userid) {
        const user = await good.findUser(userid);
        return user && !good.isSourceUp() ? { groups: [], authorizations: {} } : user;
      },
    });
    const report = await runAgainst({ auth: 'none', alter }, { only: ['source-down-no-wrong-200'] });
    const { status, message } = findCheck(report, 'source-down-no-wrong-200');
    expect(status).to.equal('failed');
    expect(message).to.include('not confirmed by a second run').and.to.include('does so only once');
  });

  it('shares fresh requests with the other failed checks', async () => {
    let asked = 0;
    const alter = alterSecondUser((reply, count) => {
      asked = count;
      return { ...reply, body: 'not JSON' };
    });
    const all = ['the-body-of-a-200', 'the-encoding-of-a-200'];
    const report = await runAgainst({ auth: 'none', alter }, { only: all, expectedData: undefined });
    expect(findCheck(report, 'known-user-json').status).to.equal('failed');
    expect(asked).to.equal(2);
  });
});

describe('a warning', () => {
  it('is not repeated', async () => {
    let asked = 0;
    const alter = alterSecondUser((reply, count) => {
      asked = count;
      return { ...reply, headers: { 'Content-Type': 'text/plain' } };
    });
    const report = await runAgainst({ auth: 'none', alter }, { only: ['known-user-content-type'] });
    expect(findCheck(report, 'known-user-content-type').status).to.equal('warning');
    expect(asked).to.equal(1);
  });
});
