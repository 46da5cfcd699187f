// Tests of `user-info init` on a terminal and with flags: conform accepts what it writes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { builtProgram } from '../../tests/built-program.ts';
import { type TypedAnswer, typeInTerminal } from '../../tests/pseudo-terminal.ts';
import { runCli } from '../../tests/run-cli.ts';

const down = '\u001b[B';
const clear = '\u0015';
const url = 'https://users.example.com/user-info';

describe('user-info init', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-init-'));
  const inDirectory = (name: string) => join(directory, name);
  const output = inDirectory('conform.yaml');
  const read = () => readFileSync(output, 'utf8');
  const basic = ['--auth', 'basic', '--username', 'platform', '--password-env', 'CANARY_PASSWORD'];

  before(async () => {
    const { ca, client } = await issueCertificates();
    writeFileSync(inDirectory('ca.pem'), ca.certificate);
    writeFileSync(inDirectory('client.pem'), client.certificate);
    writeFileSync(inDirectory('client-key.pem'), client.key);
    writeFileSync(inDirectory('other-key.pem'), ca.key);
    writeFileSync(inDirectory('password.txt'), 'canary-secret\n');
    mkdirSync(inDirectory('conf'));
  });
  afterEach(() => rmSync(output, { force: true }));
  after(() => rmSync(directory, { recursive: true }));

  /** Returns the files that a run may have left behind, including temporary ones. */
  const leftBehind = () => readdirSync(directory).filter((name) => name.startsWith('conform'));

  describe('with flags alone', () => {
    const init = (...args: string[]) => runCli(['init', '--output', output, '--yes', ...args]);

    it('writes a configuration that conform accepts, without secrets', async () => {
      const files = ['--cert', 'client.pem', '--key', 'client-key.pem', '--ca', 'ca.pem'];
      const { exitCode, stdout, stderr } = await init(
        ...[url, '--auth', 'both', '--username', 'platform', '--password-file', inDirectory('password.txt')],
        ...files.map((each) => (each.endsWith('.pem') ? inDirectory(each) : each)),
        ...['--known-user', 'yes', '--known-user', 'bob: # 1', '--max-requests', '99', '--intrusive'],
        ...['--only', 'an-unknown-user', '--report', `html=${inDirectory('a=b.html')}`, '--report', 'json=-'],
      );
      expect(stderr).to.equal('');
      expect(stdout).to.include(`user-info conform --config ${output} --dry-run`);
      expect(exitCode).to.equal(0);
      expect(parse(read())).to.deep.equal({
        ...{ url, auth: 'both', username: 'platform', passwordFile: inDirectory('password.txt') },
        ...{ cert: inDirectory('client.pem'), key: inDirectory('client-key.pem'), ca: inDirectory('ca.pem') },
        ...{ knownUsers: ['yes', 'bob: # 1'], maxRequests: 99, intrusive: true, only: ['an-unknown-user'] },
        reports: { html: inDirectory('a=b.html'), json: '-' },
      });
      expect(read()).not.to.include('canary');
      const dryRun = await runCli(['conform', '--config', output, '--dry-run']);
      expect(dryRun.stderr).to.equal('');
      expect(dryRun.stdout).to.match(/# \d+ requests, /);
      expect(dryRun.exitCode).to.equal(0);
    });

    it('writes file names relative to the directory of the configuration', async () => {
      const nested = inDirectory('conf/conform.yaml');
      const file = join('node_modules', '..', 'package.json');
      const { exitCode } = await runCli([
        ...[
          'init',
          '--output',
          nested,
          '--yes',
          url,
          '--auth',
          'basic',
          '--username',
          'platform',
          '--password-file',
          file,
        ],
      ]);
      expect(exitCode).to.equal(0);
      const { passwordFile } = parse(readFileSync(nested, 'utf8'));
      expect(join(directory, 'conf', passwordFile)).to.equal(join(process.cwd(), 'package.json'));
    });

    it('shows commands that are safe for a shell with any file name', async () => {
      const spaced = inDirectory("conformance of Zoë's.yaml");
      const { stdout, stderr } = await runCli(['init', '--output', spaced, '--yes', url, '--auth', 'none']);
      expect(stderr).to.equal('');
      const command = /^ *user-info (conform .*--dry-run)/m.exec(stdout)?.[1] ?? '';
      const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
      expect(words).to.deep.equal(['conform', '--config', spaced, '--dry-run']);
      const text = readFileSync(spaced, 'utf8');
      rmSync(spaced);
      expect(text).to.include("user-info conform --config 'conformance of Zoë'\\''s.yaml'");
    });

    it('rejects everything that a run would reject, reports all errors at once, and writes nothing', async () => {
      const { exitCode, stdout, stderr } = await init(
        ...[
          'ftp://users.example.com',
          '--auth',
          'mtls',
          '--cert',
          inDirectory('client.pem'),
          '--key',
          inDirectory('other-key.pem'),
        ],
        ...[
          '--report',
          'htlm=x.html',
          '--timeout-ms',
          'soon',
          '--only',
          'nothing',
          '--proxy',
          'http://me:canary@proxy.example.com:3128',
        ],
      );
      for (const part of [
        'must begin with http:// or https://',
        '--key is not the private key of --cert',
        'unknown format "htlm"; did you mean "html"?',
        '--timeout-ms must be a whole number',
        'no check and no topic "nothing"',
        '--proxy: the file must not contain credentials',
        'Nothing was written.',
      ]) {
        expect(stderr).to.include(part);
      }
      expect(stderr).not.to.include('canary');
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
      expect(leftBehind()).to.deep.equal([]);
    });

    it('replaces a file only with --force', async () => {
      writeFileSync(output, 'mine');
      const refused = await init(url, ...basic);
      expect(refused.stderr).to.include('already exists and was not changed. Replace it with --force');
      expect(refused.exitCode).to.equal(2);
      expect(read()).to.equal('mine');
      expect((await init(url, ...basic, '--force')).exitCode).to.equal(0);
      expect(parse(read())).to.include({ url });
    });

    it('explains the next step when there is no terminal', async () => {
      const { exitCode, stdout, stderr } = await runCli(['init', url, '--output', output]);
      expect(stderr).to.include('Standard input or output is not a terminal. Add --yes');
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
    });

    it('rejects a missing directory', async () => {
      const { exitCode, stderr } = await runCli([
        'init',
        url,
        ...basic,
        '--yes',
        '--output',
        inDirectory('none/conform.yaml'),
      ]);
      expect(stderr).to.include('--output: the directory').and.to.include('does not exist');
      expect(exitCode).to.equal(2);
    });
  });

  describe('on a terminal', () => {
    const type = (answers: readonly TypedAnswer[], args = '') =>
      typeInTerminal(`'${process.execPath}' '${builtProgram}' init --output '${output}' ${args}`, answers);

    it('asks, immediately reports invalid input, and writes a configuration that conform accepts', async () => {
      const { status, screen } = await type([
        ['URL of the endpoint', 'users.example.com\r'],
        ['The URL is invalid', `${clear}${url}\r`],
        // Third in the list: both.
        ['Which authentication', `${down}${down}\r`],
        ['User name', 'plat:form\r'],
        ['must not contain a colon', `${clear}platform\r`],
        ['the password stored', '\r'],
        ['Which variable', `${clear}1NAME\r`],
        ['does not begin with a digit', `${clear}CANARY_PASSWORD\r`],
        ['What is the format', '\r'],
        ['contains the certificate', `${inDirectory('nothing.pem')}\r`],
        ['ENOENT', `${clear}${inDirectory('client-key.pem')}\r`],
        ['not a certificate in PEM', `${clear}${inDirectory('client.pem')}\r`],
        ['contains its private key', `${inDirectory('other-key.pem')}\r`],
        ['--key is not the private key of --cert', `${clear}${inDirectory('client-key.pem')}\r`],
        ["signed the server's", `${down}\r`],
        ['that CA', `${inDirectory('ca.pem')}\r`],
        ['A userid that the endpoint knows', '\r'],
        ['Input is required', 'ada@example.com\r'],
        ['A second userid', 'ada@example.com\r'],
        ['the same user', `${clear}bob@example.com\r`],
        ['a letter such as é', 'zoë@example.com\r'],
        ['an apostrophe', '\r'],
        ['a plus sign', 'ada+test@example.com\r'],
        ['no groups', '\r'],
        ['exactly one value', 'bob@example.com\r'],
        ['20 groups or more', '\r'],
        ['does not know', '\r'],
        ['Are Ada and ada', `${down}\r`],
        // HTML is selected by default, and JUnit is the next item.
        ['Which reports', `${down} \r`],
      ]);
      expect(status, screen).to.equal(0);
      expect(screen).to.include('Set CANARY_PASSWORD to the password before a run.');
      expect(parse(read())).to.deep.equal({
        ...{ url, auth: 'both', username: 'platform', passwordEnv: 'CANARY_PASSWORD' },
        ...{ cert: inDirectory('client.pem'), key: inDirectory('client-key.pem'), ca: inDirectory('ca.pem') },
        ...{ knownUsers: ['ada@example.com', 'bob@example.com', 'zoë@example.com', 'ada+test@example.com'] },
        useridCase: 'sensitive',
        reports: { html: 'conformance.html', junit: 'conformance.xml' },
      });
      const dryRun = await runCli(['conform', '--config', output, '--dry-run'], { CANARY_PASSWORD: 'canary-secret' });
      expect(dryRun.stderr).to.equal('');
      expect(dryRun.exitCode).to.equal(0);
    }).timeout(30_000);

    it('asks only for what the flags omit and what applies', async () => {
      const { status, screen } = await type(
        [
          ['does not know', 'nobody\r'],
          ['Are Ada and ada', '\r'],
          ['Which reports', ' \r'],
        ],
        'http://127.0.0.1:8080/user-info --auth none --known-user ada',
      );
      expect(status, screen).to.equal(0);
      expect(parse(read())).to.deep.equal({
        ...{ url: 'http://127.0.0.1:8080/user-info', auth: 'none', knownUsers: ['ada'], unknownUser: 'nobody' },
      });
    });

    it('keeps an existing file, unless its replacement is confirmed', async () => {
      writeFileSync(output, 'mine');
      const args = `${url} --auth none --ca '${inDirectory('ca.pem')}' --known-user ada --unknown-user eve --userid-case sensitive --report json=-`;
      expect((await type([['Replace it?', '\r']], args)).status).to.equal(2);
      expect(read()).to.equal('mine');
      expect((await type([['Replace it?', 'y']], args)).status).to.equal(0);
      expect(parse(read())).to.include({ url, unknownUser: 'eve' });
    });

    it('is terminated by the signal on Ctrl-C, and leaves no files', async () => {
      const { status, screen } = await type([
        ['URL of the endpoint', `${url}\r`],
        ['Which authentication', '\u0003'],
      ]);
      expect(status, screen).to.equal(130);
      expect(leftBehind()).to.deep.equal([]);
      expect(existsSync(output)).to.equal(false);
    });
  });
});
