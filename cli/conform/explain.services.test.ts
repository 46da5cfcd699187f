// Tests of `user-info explain`: every check is explained without network access, with its requests, and a misspelled id gets a suggestion.
import { expect } from 'chai';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { runCli } from '../../tests/run-cli.ts';
import { tryOut } from './try-out-check.ts';

const checks = catalogue.flatMap((topic) => topic.checks);

describe('user-info explain', () => {
  it('prints title, level, reason, source, requests and fix', async () => {
    const { exitCode, stdout, stderr } = await runCli(['explain', 'unknown-user-refused']);
    expect(stderr).to.equal('');
    expect(stdout)
      .to.match(/^unknown-user-refused\nMUST respond with a non-200 status for an unknown user/)
      .and.to.match(/^ {2}rule set {4}contract$/m)
      .and.to.match(/^ {2}effect {6}silently wrong access\./m)
      .and.to.match(/^ {2}C-8 {9}Any status other than 200/m)
      .and.to.match(/^ {2}needs {7}--known-user, control$/m)
      .and.to.match(/^ {2}\$ curl .*userid=\$UNKNOWN_USER.*https:\/\/users\.example\.com\/user-info"$/m)
      .and.to.match(/^ {2}Any stack {3}Respond with 404/m);
    expect(exitCode).to.equal(0);
  });

  it('shows what every check expects and sends', async () => {
    const silent: string[] = [];
    for (const topic of catalogue) {
      for (const check of topic.checks) {
        const { expected, requests } = await tryOut(topic, check);
        if (expected.length === 0 || requests.length === 0) silent.push(check.id);
      }
    }
    expect(silent).to.deep.equal([]);
    // Each check runs separately, some of them with a pause.
  }).timeout(300_000);

  it('shows the advice for one stack beside the general advice', async () => {
    const { stdout } = await runCli(['explain', 'userid-repeated-refused', '--json', '--stack', 'spring']);
    const one = JSON.parse(stdout);
    expect(one.fix.map(({ stack }: { stack: string }) => stack)).to.deep.equal(['any', 'spring']);
    expect(one.requests).to.have.lengthOf.at.least(1);
    expect(one).to.include({
      id: 'userid-repeated-refused',
      level: 'SHOULD',
      ruleSet: 'hardening',
      topic: 'The parameter userid',
    });
  });

  it('lists every check by topic when no id is given, also as JSON', async () => {
    const { exitCode, stdout } = await runCli(['explain']);
    for (const { title } of catalogue) expect(stdout).to.include(`${title}\n`);
    for (const { id } of checks) expect(stdout).to.match(new RegExp(`^ {2}${id} +(MUST|SHOULD|MAY) `, 'm'));
    expect(exitCode).to.equal(0);
    const listed = JSON.parse((await runCli(['explain', '--json'])).stdout);
    expect(listed.map(({ id }: { id: string }) => id)).to.deep.equal(checks.map(({ id }) => id));
  });

  it('suggests the closest id or stack for a misspelled one', async () => {
    const wrongId = await runCli(['explain', 'unknown-user-refusd']);
    expect(wrongId.stderr).to.include('did you mean "unknown-user-refused"?');
    expect(wrongId.exitCode).to.equal(2);
    const otherId = await runCli(['explain', 'x']);
    expect(otherId.stderr).to.include('There is no check "x". List all checks with');
    const wrongStack = await runCli(['explain', 'unknown-user-refused', '--stack', 'expres']);
    expect(wrongStack.stderr).to.include('did you mean "express"?');
    expect(wrongStack.exitCode).to.equal(2);
  });
});
