// Tests of `user-info lookup`: its output is the server's response, and its exit codes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';

const groups = ['engineering', 'Zürich'];
const authorizations = { region: ['emea', 'apac'], none: [] };

describe('user-info lookup', () => {
  let file: string;

  before(() => {
    file = writeConfig({
      type: 'static',
      users: { ada: { groups, authorizations }, bare: {}, gone: { disabled: true, groups } },
    });
  });

  function writeConfig(source: object, others: object = {}): string {
    const path = join(scratchDirectory(), 'user-info.json');
    writeFileSync(path, JSON.stringify({ authentication: { mode: 'none' }, source, ...others }));
    return path;
  }

  const lookup = (userid: string, ...flags: string[]) => runCli(['lookup', userid, '--config', file, ...flags]);

  it('shows the groups and authorizations of a user', async () => {
    const { exitCode, stdout, stderr } = await lookup('ada');
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.equal(
      'groups\n  engineering\n  Zürich\nauthorizations\n  region: emea, apac\n  none: (no value)\n',
    );
  });

  it('shows letters of every script from a CSV file, although the source returns bytes', async () => {
    const path = join(scratchDirectory(), 'users.csv');
    writeFileSync(path, 'userid,groups\nada,Zürich|東京\n');
    const csv = writeConfig({
      type: 'csv',
      path,
      columns: { userid: 'userid', groups: [{ column: 'groups', separator: '|' }] },
    });
    const asText = await runCli(['lookup', 'ada', '--config', csv]);
    expect(asText.stdout).to.include('  Zürich\n').and.include('  東京\n');
    const asJson = await runCli(['lookup', 'ada', '--config', csv, '--json']);
    expect(JSON.parse(asJson.stdout).groups).to.deep.equal([{ name: 'Zürich' }, { name: '東京' }]);
  });

  it('shows line breaks and control characters in names as escapes', async () => {
    const hostile = 'a\n##vso[task.complete]\r\u001b[2J\u009b\u202eb\u2028';
    const shown = 'a\\n#\\u{23}vso[task.complete]\\u{d}\\u{1b}[2J\\u{9b}\\u{202e}b\\u{2028}';
    const source = { type: 'static', users: { ada: { groups: [hostile], authorizations: { [hostile]: [hostile] } } } };
    const people = { name: 'people', source, groups: { rename: { 'no such group': 'x' } } };
    for (const config of [writeConfig(source), writeConfig({ type: 'merge', identity: 'people', sources: [people] })]) {
      for (const flags of [[], ['--explain']]) {
        const { exitCode, stdout } = await runCli(['lookup', 'ada', '--config', config, ...flags]);
        expect(exitCode).to.equal(0);
        expect(stdout).to.include(`  ${shown}`).and.include(`  ${shown}: ${shown}`);
        expect(stdout.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(stdout).not.to.match(/^##vso/m);
        const asJson = await runCli(['lookup', 'ada', '--config', config, '--json', ...flags]);
        expect(JSON.parse(asJson.stdout).groups[0].name).to.equal(hostile);
        expect(asJson.stdout.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
    }
  });

  it('shows that a user has no groups and no authorizations', async () => {
    expect((await lookup('bare')).stdout).to.equal('groups\n  (none)\nauthorizations\n  (none)\n');
  });

  it('prints the body of the response with --json', async () => {
    const { exitCode, stdout } = await lookup('ada', '--json');
    expect(exitCode).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ groups: groups.map((name) => ({ name })), authorizations });
  });

  it('shows the origin of each part with --explain', async () => {
    const { exitCode, stdout } = await lookup('ada', '--explain');
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^ {2}engineering +the configuration, source\.users$/m);
    expect(stdout).to.match(/^ {2}region: apac +the configuration, source\.users$/m);
  });

  it('shows dropped entries and requested sources separately, with --explain', async () => {
    const source = { type: 'static', users: { ada: { groups: ['staff', 'tmp-1'] } } };
    const people = { name: 'people', source, groups: { drop: ['tmp-.*'] } };
    const merge = writeConfig({ type: 'merge', identity: 'people', sources: [people] });
    const { stdout } = await runCli(['lookup', 'ada', '--config', merge, '--explain']);
    expect(stdout).to.match(
      /\ndropped\n {2}group tmp-1\n {4}people: groups\.drop\nasked\n {2}source people\n {4}knows the user\n$/,
    );
  });

  it('prints the origins as JSON with --explain and --json', async () => {
    const { stdout } = await lookup('ada', '--explain', '--json');
    const origin = 'the configuration, source.users';
    expect(JSON.parse(stdout).groups).to.deep.equal(groups.map((name) => ({ name, origin })));
  });

  for (const userid of ['eve', 'gone', 'Ada', '__proto__']) {
    it(`exits with 1 for ${userid}, who is unknown or disabled, and prints nothing to stdout`, async () => {
      const { exitCode, stdout, stderr } = await lookup(userid, '--json');
      expect([exitCode, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.include('the server responds with 404');
    });
  }

  const absences: Array<[userid: string, reason: string]> = [
    ['eve', 'does not contain this userid'],
    ['gone', 'marks this user as disabled'],
  ];
  for (const [userid, reason] of absences) {
    it(`explains with --explain why ${userid} is not found, and still exits with 1`, async () => {
      const absent = `source.users of the configuration ${reason}`;
      const { exitCode, stdout, stderr } = await lookup(userid, '--explain');
      expect([exitCode, stdout]).to.deep.equal([1, `no such user\n  ${absent}\n`]);
      expect(stderr).to.include('the server responds with 404');
      const { stdout: json } = await lookup(userid, '--explain', '--json');
      expect(JSON.parse(json)).to.deep.equal({ absent, groups: [], authorizations: [] });
    });
  }

  it('shows with --explain what each source was asked for an unknown user, and what it returned', async () => {
    const csv = join(scratchDirectory(), 'people.csv');
    writeFileSync(csv, 'u,g\nada,staff\nbob,staff\n');
    const people = {
      name: 'people',
      source: { type: 'csv', path: csv, columns: { userid: 'u', groups: [{ column: 'g' }] } },
    };
    const named = { name: 'named', source: { type: 'static', users: { eve: {} } } };
    const merge = writeConfig({ type: 'merge', identity: 'people', sources: [people, named] });
    const { exitCode, stdout } = await runCli(['lookup', 'eve', '--config', merge, '--explain']);
    expect(exitCode).to.equal(1);
    expect(stdout).to.equal(
      [
        'no such user',
        '  the rule `identity` of the merge excludes this user',
        'asked',
        ...['  source people', '    does not know the user: no row has this userid'],
        ...['  people: people.csv', '    2 rows, 0 of this user'],
        ...['  source named', '    knows the user', ''],
      ].join('\n'),
    );
  });

  it('applies the rules for userids that the server applies', async () => {
    const folding = writeConfig(
      { type: 'static', users: { ada: { groups } } },
      { userid: { foldCase: true, trim: true } },
    );
    expect((await runCli(['lookup', ' ADA ', '--config', folding])).exitCode).to.equal(0);
  });

  const refused: Array<[name: string, userid: string, code: string]> = [
    ['empty', '', 'userid-empty'],
    ['too long', 'x'.repeat(1025), 'userid-too-long'],
    ['broken over two lines', 'a\nb', 'userid-control-character'],
  ];
  for (const [name, userid, code] of refused) {
    it(`exits with 2 for a userid that is ${name}`, async () => {
      const { exitCode, stdout, stderr } = await lookup(userid);
      expect([exitCode, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(code);
    });
  }

  it('exits with 2 when the configuration is invalid, does not exist, or is not specified', async () => {
    const faulty = writeConfig({ type: 'static', users: { ada: { grups: [] } } });
    const misuses = [['--config', faulty], ['--config', join(scratchDirectory(), 'gone.json')], []];
    for (const flags of misuses) expect((await runCli(['lookup', 'ada', ...flags])).exitCode).to.equal(2);
  });

  it('exits with 3 when the source cannot respond', async () => {
    const columns = { userid: 'u', groups: [{ column: 'g' }] };
    const broken = writeConfig({ type: 'csv', path: 'gone.csv', columns });
    const { exitCode, stderr } = await runCli(['lookup', 'ada', '--config', broken]);
    expect(exitCode).to.equal(3);
    expect(stderr).to.include('gone.csv');
  });
});
