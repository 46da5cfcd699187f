// Tests that no name from an endpoint reaches a terminal or a CI log as a command, in all output of `user-info simulate`.
import { expect } from 'chai';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

const hostile = [
  'a\n##vso[task.setvariable variable=x]y',
  'b\r\n::error::forged',
  '##vso[task.complete result=Succeeded]',
  '::add-mask::x',
  '\u001b[31mred',
  '\u009b2J',
  '\u202egnp.exe',
  'c\u2028##teamcity[x]',
];
/** Patterns that no line may contain. LF and CRLF end lines. */
const forbidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##vso\[|##teamcity\[|^\s*::/u;

function findForbidden(printed: string): string[] {
  return printed.split(/\r?\n/).filter((line) => forbidden.test(line));
}

describe('user-info simulate with hostile names', function () {
  this.timeout(180_000);
  let endpoint: ChangingEndpoint;
  let shell: SimulatorShell;
  const printed: Record<string, string> = {};

  before(async () => {
    endpoint = await startChangingEndpoint();
    shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    const users = ['ada', 'bob'];
    const file = shell.write('users.csv', `userid\n${users.join('\n')}\n`);
    const run = async (...args: string[]) => {
      const { stdout, stderr } = await shell.run(...args);
      printed[`${args.slice(0, 2).join(' ')} ${args.slice(-1)}, ${Object.keys(printed).length}`] =
        `${stdout}\n${stderr}`;
    };
    const sync = (...more: string[]) => run('sync', 'okta', '--users', file, ...more);
    for (const user of users) endpoint.users.set(user, { groups: ['staff'] });
    await sync();
    const attributes = Object.fromEntries(hostile.map((name) => [name, [name]]));
    endpoint.users.set('ada', { groups: ['staff', ...hostile], attributes });
    endpoint.users.set('bob', { groups: hostile, attributes });
    await sync();
    for (const format of [[], ['--json']]) {
      await run('diff', '1', '2', ...format);
      await run('runs', 'show', '2', ...format);
      await run('groups', 'list', ...format);
    }
    for (const format of ['csv', 'json']) await run('runs', 'show', '2', '--report', `${format}=-`);
  });
  after(() => endpoint.close());

  it('prints no raw name, and no line that is a command', () => {
    const found = Object.entries(printed).flatMap(([command, text]) =>
      findForbidden(text).map((line) => `${command}: ${JSON.stringify(line)}`),
    );
    expect(found).to.deep.equal([]);
  });

  it('prints each name, escaped within its line', () => {
    const all = Object.values(printed).join('\n');
    expect(all).to.include('a\\n#\\u{23}vso[task.setvariable variable=x]y').and.to.include('gnp.exe');
    expect(all.match(/^ {4}\+ /gm)?.length).to.be.greaterThan(hostile.length);
  });

  it('shows names that differ only in invisible characters in distinguishable forms, in tables, differences and expectations', async () => {
    const twin = createSimulatorShell();
    twin.createOkta(endpoint.uri, { blastRadius: { maxLosingPercent: 100, mayEmptyGroups: true } });
    endpoint.users.set('ada', { groups: ['Z\u00fcrich', 'data team'], attributes: { region: ['emea'] } });
    const file = twin.write('users.csv', 'userid\nada\n');
    await twin.succeed('sync', 'okta', '--users', file);
    endpoint.users.set('ada', { groups: ['Zu\u0308rich', 'data\u00a0team'], attributes: { 'region ': ['emea'] } });
    const expected = twin.write(
      'expected.json',
      JSON.stringify({ ada: { groups: [{ name: 'Z\u00fcrich' }], authorizations: {} } }),
    );
    const { stdout } = await twin.run('sync', 'okta', '--users', file, '--dry-run', '--expect', expected);
    const names = ['Zu\\u{308}rich', 'data\\u{a0}team', 'region\\u{20}: emea'];
    for (const name of names) expect(stdout).to.include(name);
    expect(stdout)
      .to.match(/^Zu\\u\{308\}rich +\+1 +-0$/m)
      .and.to.include('    - group Z\u00fcrich\n');
    expect((await twin.run('diff', '1', '2')).stdout)
      .to.include('    + group data\\u{a0}team\n')
      .and.to.include('    - group data team\n');
  });
});
