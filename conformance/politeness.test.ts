// Tests of the limits of a run: its budgets, its pauses, and its stop before it locks out an account.
import { expect } from 'chai';
import { parseBasic, type Reply, type Steps } from './faults/conformant-endpoint.ts';
import { withLines } from './faults/fault.ts';
import { findCheck, login, runAgainst } from './testing/fixture.ts';

/** Counts the requests with wrong credentials that the endpoint receives. */
function countLogins(seen: { wrong: number }): (good: Steps) => Partial<Steps> {
  return (good) => ({
    holdsBasic(authorization) {
      const holds = good.holdsBasic(authorization);
      if (!holds) seen.wrong += 1;
      return holds;
    },
  });
}

describe('the request limits of a run', () => {
  it('sends at most five requests with wrong credentials for one user name by default', async () => {
    const wrong = new Map<string, number>();
    const alter = (good: Steps) => ({
      holdsBasic(authorization: string) {
        const holds = good.holdsBasic(authorization);
        const isNameAlone = authorization === `Basic ${Buffer.from(login.username).toString('base64')}`;
        const name = isNameAlone ? login.username : (parseBasic(authorization)?.username ?? '');
        if (!holds) wrong.set(name, (wrong.get(name) ?? 0) + 1);
        return holds;
      },
    });
    const report = await runAgainst({ auth: 'basic', alter }, { maxFailedLogins: undefined });
    expect(report.verdict).to.equal('conforms');
    expect(wrong.get(login.username)).to.equal(5);
    for (const count of wrong.values()) expect(count).to.be.within(1, 5);
  });

  it('sends no more than --max-failed-logins for one user name, and lists the skipped checks', async () => {
    const seen = { wrong: 0 };
    const report = await runAgainst({ auth: 'basic', alter: countLogins(seen) }, { maxFailedLogins: 1 });
    // The right name, two invented ones, and a header without a readable name.
    expect(seen.wrong).to.equal(4);
    expect(report.attestation.failedLoginsSent).to.equal(4);
    expect(findCheck(report, 'wrong-password-refused').status).to.equal('passed');
    const leftOut = findCheck(report, 'password-extended-refused');
    // The report includes the reason why more wrong passwords would be useful.
    expect(report.leftOut.filter((text) => text.includes('--max-failed-logins'))).to.have.length(2);
    expect(report.leftOut.find((text) => text.startsWith(`${leftOut.message} Left out: `)))
      .to.be.a('string')
      .that.includes('password-extended-refused, ');
    expect(leftOut.status).to.equal('untestable');
    expect(leftOut.message).to.include('--max-failed-logins');
    // Requests that were not sent are listed with the verdict.
    expect(report.verdict).to.equal('conforms');
    expect(report.notRun).to.include('password-extended-refused');
  });

  it('does not repeat wrong credentials because of a malformed response', async () => {
    const seen = { wrong: 0 };
    const report = await runAgainst({
      auth: 'basic',
      alter: (good) => ({
        ...countLogins(seen)(good),
        finish: (reply, { authorization }) =>
          reply.status === 401 && authorization !== undefined
            ? withLines(reply, true, 'Content-Length: 2', 'Transfer-Encoding: chunked')
            : reply,
      }),
    });
    expect(seen.wrong).to.equal(report.attestation.failedLoginsSent);
    expect(findCheck(report, 'wrong-password-refused').status).to.equal('untestable');
    expect(findCheck(report, 'known-user-200').status).to.equal('passed');
  });

  it('does not count a 429 as a failure, and sends no wrong credentials after it', async () => {
    const seen = { wrong: 0 };
    const report = await runAgainst({
      auth: 'basic',
      alter: (good) => ({
        ...countLogins(seen)(good),
        finish: (reply, { authorization }) =>
          reply.status === 401 && authorization !== undefined ? { ...reply, status: 429 } : reply,
      }),
    });
    expect(seen.wrong).to.equal(1);
    expect(report.summary.failed).to.equal(0);
    expect(findCheck(report, 'wrong-password-refused').message).to.include('429');
    expect(findCheck(report, 'wrong-username-refused').status).to.equal('untestable');
  });

  it('pauses as long as a 429 requests, and continues', async () => {
    let limited = 0;
    const report = await runAgainst({
      auth: 'none',
      alter: () => ({
        finish(reply) {
          if (reply.status !== 404 || limited > 0) return reply;
          limited += 1;
          return { ...reply, status: 429, headers: { ...reply.headers, 'Retry-After': '0' } };
        },
      }),
    });
    expect(limited).to.equal(1);
    expect(report.verdict).to.equal('conforms');
  });

  it('does not exhaust its requests when every response is a 429 with Retry-After: 0', async () => {
    let asked = 0;
    const headers = { 'Retry-After': '0' };
    const alter = () => ({
      finish(reply: Reply) {
        asked += 1;
        return { ...reply, status: 429, headers };
      },
    });
    const report = await runAgainst({ auth: 'none', alter });
    expect(report.verdict).to.equal('could-not-run');
    expect(report.reason).to.include('429');
    expect(asked).to.equal(5);
  });

  it('stops when a 429 requests a longer pause than the limit, and lists the skipped checks', async () => {
    let asked = 0;
    const report = await runAgainst({
      auth: 'none',
      alter: () => ({
        finish(reply) {
          asked += 1;
          return reply.status === 404
            ? { ...reply, status: 429, headers: { ...reply.headers, 'Retry-After': '3600' } }
            : reply;
        },
      }),
    });
    expect(report.summary.failed).to.equal(0);
    expect(report.verdict).to.equal('could-not-run');
    expect(asked).to.equal(report.attestation.requestsSent);
    expect(report.leftOut.join()).to.match(/longer pauses than the kit makes.*Left out: .*userid-missing-refused/);
  });

  it('stops at the first sign of a lockout, after two requests that verify it', async () => {
    let isLocked = false;
    let askedAfterwards = 0;
    const report = await runAgainst({
      auth: 'basic',
      alter: (good) => ({
        holdsBasic(authorization) {
          if (isLocked) askedAfterwards += 1;
          const holds = good.holdsBasic(authorization);
          isLocked ||= !holds;
          return holds && !isLocked;
        },
      }),
    });
    // The next control shows that the right credentials are refused, and one more query shows that no cache repeats a refusal.
    expect(askedAfterwards).to.equal(2);
    expect(report.attestation.failedLoginsSent).to.equal(1);
    expect(report.leftOut.join()).to.match(/as if the account were locked out.*Left out: .*wrong-username-refused/);
    expect(report.verdict).to.equal('could-not-run');
  });

  it('sends no more than --max-requests, and lists the skipped checks', async () => {
    let asked = 0;
    const alter = () => ({
      finish(reply: Reply) {
        asked += 1;
        return reply;
      },
    });
    const report = await runAgainst({ auth: 'none', alter }, { maxRequests: 7 });
    expect(asked).to.equal(7);
    expect(report.attestation.requestsSent).to.equal(7);
    expect(report.leftOut.join()).to.match(/budget of 7 requests is used up.*--max-requests.*Left out: /);
    expect(report.verdict).to.equal('could-not-run');
  });

  it('spaces failed logins by the configured interval', async () => {
    const at: number[] = [];
    const alter = (good: Steps) => ({
      holdsBasic(authorization: string) {
        const holds = good.holdsBasic(authorization);
        if (!holds) at.push(performance.now());
        return holds;
      },
    });
    await runAgainst({ auth: 'basic', alter }, { failedLoginSpacingMs: 60 });
    // A single gap proves little: a failed login may reach a busy endpoint late. The sum of the gaps has a lower bound.
    const gaps = at.length - 1;
    expect(gaps).to.be.greaterThan(5);
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).to.be.greaterThan((gaps - 1) * 60);
  });
});
