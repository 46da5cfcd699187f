// Tests of the status that results from a check's ending: only chai's AssertionError is a failure, and an internal error leaks nothing.
import { AssertionError, expect } from 'chai';
import { MissingInput, Untestable } from './check-endings.ts';
import type { Level, RuleSet } from './contract/clause.ts';
import { NoAnswer } from './http/no-answer.ts';
import { toOutcome } from './run-check.ts';

describe('toOutcome', () => {
  const cases: readonly { name: string; error: unknown; status: string; message: RegExp }[] = [
    { name: 'nothing thrown', error: undefined, status: 'passed', message: /^$/ },
    { name: "chai's AssertionError", error: new AssertionError('Seen: x.'), status: 'failed', message: /^Seen: x\.$/ },
    { name: 'Untestable', error: new Untestable('why'), status: 'untestable', message: /^why$/ },
    { name: 'MissingInput', error: new MissingInput('--x'), status: 'skipped', message: /^--x$/ },
    { name: 'a closed port', error: new NoAnswer('unreachable', 'ECONNREFUSED'), status: 'error', message: /reached/ },
    { name: 'a time-out', error: new NoAnswer('timeout', 'ETIMEDOUT'), status: 'untestable', message: /--timeout-ms/ },
    {
      name: 'a closed connection',
      error: new NoAnswer('closed', 'ECONNRESET'),
      status: 'untestable',
      message: /closed/,
    },
    {
      name: 'a TypeError',
      error: new TypeError('canary'),
      status: 'error',
      message: /bug in the kit.*TypeError at run-check\.test\.ts:\d+/,
    },
    {
      name: "Node's own assertion error",
      error: Object.assign(new Error('canary'), { name: 'AssertionError' }),
      status: 'error',
      message: /bug/,
    },
    { name: 'a string', error: 'canary', status: 'error', message: /bug in the kit.*string/ },
  ];
  for (const { name, error, status, message } of cases) {
    it(`returns for ${name}: ${status}`, () => {
      const outcome = toOutcome(error, { ruleSet: 'contract', level: 'MUST' });
      expect(outcome.status).to.equal(status);
      expect(outcome.message).to.match(message).and.not.to.include('canary');
    });
  }

  it('turns a violation into a failure only in the rule set contract', () => {
    const violation = new AssertionError('Seen: x.');
    const statusOf = (ruleSet: RuleSet, level: Level) => toOutcome(violation, { ruleSet, level }).status;
    expect(statusOf('contract', 'MUST')).to.equal('failed');
    expect(statusOf('standards', 'MUST')).to.equal('warning');
    expect(statusOf('hardening', 'SHOULD')).to.equal('warning');
    expect(statusOf('hardening', 'MAY')).to.equal('info');
  });
});
