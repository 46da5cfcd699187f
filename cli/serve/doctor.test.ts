// Tests of `user-info doctor`: findings with remedies, exit codes, and no user data in the output.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';

const users = { ada: { groups: ['engineering'], authorizations: { region: ['emea', 'apac'] } } };

function writeConfig(source: object): string {
  const file = join(scratchDirectory(), 'user-info.json');
  writeFileSync(file, JSON.stringify({ authentication: { mode: 'none' }, source }));
  return file;
}

function csvSource(text: string | null): object {
  const path = join(scratchDirectory(), 'people.csv');
  if (text !== null) writeFileSync(path, text);
  return { type: 'csv', path, columns: { userid: 'u', groups: [{ column: 'g' }] } };
}

const doctor = (source: object, ...flags: string[]) => runCli(['doctor', '--config', writeConfig(source), ...flags]);

describe('user-info doctor', () => {
  it('exits with 0 when everything works, and shows only counts', async () => {
    const { exitCode, stdout, stderr } = await doctor(
      csvSource('u,g\nada,engineering\nada.b,sales\n'),
      '--userid',
      'ada',
    );
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(
      /^source \(csv\)\n {2}✓ file .* 32 bytes, written 0 minutes ago\n {2}✓ source .* with 2 users/,
    );
    expect(stdout).to.match(/✓ user +is found: 1 group, 0 values of 0 authorizations/);
    expect(stdout).not.to.match(/\bada\b|engineering/);
  });

  it('exits with 1 when everything works and the user does not exist', async () => {
    const { exitCode, stdout, stderr } = await doctor({ type: 'static', users }, '--userid', 'eve');
    expect([exitCode, stderr]).to.match(/^1,.*the server responds with 404/);
    expect(stdout).to.include('- user');
  });

  it('exits with 3 and suggests the fix when a file is missing, empty or malformed', async () => {
    const missing = await doctor(csvSource(null));
    expect([missing.exitCode, missing.stdout]).to.match(
      /^3,source \(csv\)\n {2}✗ file .*ENOENT\)\n +→ compare the path/,
    );
    const empty = await doctor(csvSource(''));
    expect([empty.exitCode, empty.stdout]).to.match(/^3,.*\n {2}✗ file .* is empty\n +→ write the file again/);
    const faulty = await doctor(csvSource('u,g\nada,"open\n'));
    expect([faulty.exitCode, faulty.stdout]).to.match(/^3,(.|\n)*✗ source .*\n +line 2/);
  });

  it('exits with 2 for an invalid configuration or userid', async () => {
    expect((await doctor({ type: 'static', usrs: {} })).exitCode).to.equal(2);
    expect((await doctor({ type: 'static', users }, '--userid', '')).exitCode).to.equal(2);
  });

  it('diagnoses each source of a merge, nested ones, and the merge', async () => {
    const people = { type: 'static', users };
    const inner = { type: 'merge', identity: 'people', sources: [{ name: 'people', source: people }] };
    const files = { name: 'files', source: csvSource('u,g\nada,sales\n') };
    const source = { type: 'merge', identity: 'files', sources: [files, { name: 'others', source: inner }] };
    const { exitCode, stdout } = await doctor(source, '--userid', 'ada');
    expect(exitCode).to.equal(0);
    expect(stdout.match(/^\S.*$/gm)).to.deep.equal([
      'files (csv)',
      'others/people (static)',
      'others (merge)',
      'source (merge)',
    ]);
    expect(stdout).to.match(/source \(merge\)\n.*\n {2}✓ user +is found: 2 groups, 2 values of 1 authorization/);
  });

  it('does not request a user from a source that knows the user by another name', async () => {
    const people = { name: 'people', source: { type: 'static', users: { 'ada@x': users.ada } } };
    const accounts = { name: 'accounts', source: { type: 'static', users }, userid: { pattern: '(.+)@x' } };
    const merge = { type: 'merge', identity: 'people', sources: [people, accounts] };
    const { exitCode, stdout } = await doctor(merge, '--userid', 'ada@x');
    expect(exitCode).to.equal(0);
    expect(stdout.match(/user {7}/g)).to.have.length(2);
  });

  it('names the environment variables that set options of a source', async () => {
    const people = { name: 'people', source: { type: 'static', users } };
    const files = { name: 'files', source: csvSource('u,g\nada,sales\n') };
    const file = writeConfig({ type: 'merge', identity: 'people', sources: [people, files] });
    const missing = join(scratchDirectory(), 'missing.csv');
    const { exitCode, stdout } = await runCli(['doctor', '--config', file], {
      USER_INFO__SOURCE__SOURCES__1__SOURCE__PATH: missing,
      USER_INFO__SOURCE__IDENTITY: 'people',
      USER_INFO__LISTENER__PORT: '9443',
    });
    expect(exitCode).to.equal(3);
    expect(stdout.match(/^(?:\S.*| +✓ override .*)$/gm)).to.deep.equal([
      'people (static)',
      'files (csv)',
      '  ✓ override   source.sources[1].source.path is set by the environment variable USER_INFO__SOURCE__SOURCES__1__SOURCE__PATH',
      'source (merge)',
      '  ✓ override   source.identity is set by the environment variable USER_INFO__SOURCE__IDENTITY',
    ]);
    expect(stdout).not.to.include('9443');

    const whole = { USER_INFO__SOURCE: JSON.stringify({ type: 'static', users }) };
    const json = await runCli(['doctor', '--json', '--config', file], whole);
    expect(JSON.parse(json.stdout).sources[0].findings[0]).to.deep.equal({
      subject: 'override',
      verdict: 'works',
      text: 'source is set by the environment variable USER_INFO__SOURCE',
    });
  });

  it('prints the same as JSON', async () => {
    const { exitCode, stdout } = await doctor(csvSource(null), '--json');
    const { works, sources } = JSON.parse(stdout);
    expect([exitCode, works]).to.deep.equal([3, false]);
    expect(sources[0].findings[0]).to.include({ subject: 'file', verdict: 'fails' });
    expect(sources[0].findings[0].cure).to.include('compare the path');
  });
});
