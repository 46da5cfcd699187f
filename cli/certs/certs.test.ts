// Tests of `user-info certs` as a process: output, files and exit codes.
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { builtProgram } from '../../tests/built-program.ts';

describe('user-info certs', () => {
  let scratch: string;
  const inScratch = (...names: string[]) => join(scratch, ...names);

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'certs-cli-'));
    expect(run('create', inScratch('certs'), '--bad').status).to.equal(0);
  });

  after(async () => {
    await rm(scratch, { recursive: true });
  });

  for (const words of [[], ['create'], ['inspect']]) {
    it(`shows examples in certs ${words.join(' ')} --help`, () => {
      const { status, stdout } = run(...words, '--help');
      expect(stdout).to.match(/\nExamples:\n {2}\$ user-info certs /);
      expect(status).to.equal(0);
    });
  }

  describe('create', () => {
    it('prints each file, the three files for the platform, and the configuration for the server', () => {
      const scratch = inScratch('told');
      const { status, stdout, stderr } = run('create', scratch);
      expect(status).to.equal(0);
      expect(stderr).to.equal('');
      expect(stdout).to.match(/^Created 6 files:\n/);
      for (const name of ['ca', 'server', 'client']) expect(stdout).to.contain(join(scratch, `${name}-key.pem`));
      expect(stdout).to.contain(
        [
          `  Key          ${join(scratch, 'client-key.pem')}`,
          `  Certificate  ${join(scratch, 'client.pem')}`,
          `  CA           ${join(scratch, 'ca.pem')}`,
        ].join('\n'),
      );
      const [, configuration = ''] = stdout.split('For the configuration of the server:\n');
      expect(parse(configuration)).to.deep.equal({
        listener: {
          tls: {
            certificate: join(scratch, 'server.pem'),
            key: join(scratch, 'server-key.pem'),
            clientCa: [join(scratch, 'ca.pem')],
          },
        },
        authentication: { mode: 'mtls', clientCertificate: { allow: [{ email: 'platform@example.test' }] } },
      });
    });

    it('prints a configuration that `config check` accepts', async () => {
      const { stdout } = run('create', inScratch('pasted'));
      const [, printed = ''] = stdout.split('For the configuration of the server:\n');
      const file = inScratch('pasted.yaml');
      await writeFile(file, `${printed}source:\n  type: static\n  users: {}\n`);
      const { status, stderr } = runProgram('config', 'check', file);
      expect(stderr).to.equal('');
      expect(status).to.equal(0);
    });

    it('applies the options for names, days and key type', async () => {
      const scratch = inScratch('options');
      const names = ['--name', 'one.example.com', '--name', '192.0.2.1', '--client-dns', 'immuta.example.com'];
      const client = ['--client-cn', 'immuta', '--client-email', 'immuta@example.com'];
      const { status } = run('create', scratch, ...names, ...client, '--days', '7', '--key-type', 'rsa');
      expect(status).to.equal(0);
      const server = new X509Certificate(await readFile(join(scratch, 'server.pem')));
      expect(server.subjectAltName).to.contain('DNS:one.example.com').and.contain('IP Address:192.0.2.1');
      expect(Date.parse(server.validTo) - Date.parse(server.validFrom)).to.equal(7 * 24 * 3600_000);
      expect(server.publicKey.asymmetricKeyDetails?.modulusLength).to.equal(2048);
      const { subject, subjectAltName } = new X509Certificate(await readFile(join(scratch, 'client.pem')));
      expect(subject).to.match(/CN=immuta$/);
      expect(subjectAltName).to.equal('email:immuta@example.com, DNS:immuta.example.com');
    });

    it('prints the files and the settings as JSON', () => {
      const scratch = inScratch('json');
      const made = JSON.parse(run('create', scratch, '--json').stdout);
      expect(made.files).to.have.length(6);
      expect(made.platformSettings.key).to.equal(join(scratch, 'client-key.pem'));
      expect(made.listenerTls.clientCa).to.deep.equal([join(scratch, 'ca.pem')]);
    });

    it('exits with 2 when files exist, and replaces them with --force', async () => {
      const scratch = inScratch('again');
      run('create', scratch);
      const first = await readFile(join(scratch, 'ca.pem'), 'utf8');
      const { status, stdout, stderr } = run('create', scratch);
      expect(status).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.contain(join(scratch, 'ca.pem')).and.contain('--force');
      expect(await readFile(join(scratch, 'ca.pem'), 'utf8')).to.equal(first);
      expect(run('create', scratch, '--force').status).to.equal(0);
      expect(await readFile(join(scratch, 'ca.pem'), 'utf8')).not.to.equal(first);
    });

    const wrong: [name: string, args: string[], message: string][] = [
      ['no directory', [], "missing required argument 'directory'"],
      ['days that are not a number', ['certs', '--days', 'ten'], 'Specify a whole number of days'],
      ['too many days', ['certs', '--days', '826'], 'valid for 1 to 825 whole days, not 826'],
      ['an unknown key type', ['certs', '--key-type', 'dsa'], 'Allowed choices are ec, rsa'],
    ];
    for (const [name, args, message] of wrong) {
      it(`exits with 2 for ${name}`, () => {
        const [directory, ...options] = args;
        const { status, stderr } = run('create', ...(directory ? [inScratch('never', directory)] : []), ...options);
        expect(stderr).to.contain(message);
        expect(status).to.equal(2);
      });
    }
  });

  describe('inspect', () => {
    const pem = (...names: string[]) => names.map((name) => inScratch('certs', `${name}.pem`));

    it('shows the contents of a certificate, and exits with 0 when everything is valid', () => {
      const { status, stdout, stderr } = run('inspect', ...pem('server', 'ca', 'server-key'));
      expect(stderr).to.equal('');
      expect(stdout).to.match(/ {2}subject +O=user-info-kit development, CN=localhost\n/);
      expect(stdout).to.match(/ {2}names +dns localhost, ip 127\.0\.0\.1, ip ::1\n/);
      expect(stdout).to.match(/ {2}valid +\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, 824 days left\n/);
      expect(stdout).to.match(/ {2}key +EC P-256 \(256 bits\)\n/);
      expect(stdout).to.match(/ {2}usage +serverAuth\n/);
      expect(stdout).to.match(/ {2}SHA-256 +([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
      expect(stdout).to.match(
        / {2}chain +valid, ending at O=user-info-kit development, CN=user-info-kit development CA /,
      );
      expect(stdout).to.contain(`matches ${inScratch('certs', 'server.pem')}\n`);
      expect(stdout).to.match(/\nEverything is valid\.\n$/);
      expect(status).to.equal(0);
    });

    describe('for the bad certificates, the CA, the CRL and a key', () => {
      const names = [
        'expired-client',
        'not-yet-valid-client',
        'other-ca-client',
        'self-signed-client',
        'revoked-client',
      ];
      let all: Ended;

      before(() => {
        all = run('inspect', ...pem(...names.map((name) => `bad/${name}`), 'ca', 'bad/crl', 'client-key'));
      });

      const sections: [name: string, message: RegExp][] = [
        ['bad/expired-client', /, expired\n.* chain +invalid: it expired on /s],
        ['bad/not-yet-valid-client', /, not yet valid\n.* chain +invalid: it is not valid before /s],
        ['bad/other-ca-client', / chain +invalid: the certificate of its issuer, .*, is not among the files$/],
        ['bad/self-signed-client', / chain +invalid: it is self-signed and not a CA$/],
        ['bad/revoked-client', / chain +invalid: .* revoked it on \d{4}-\d\d-\d\d$/],
        ['ca', / CA +yes\n.* chain +valid, /s],
        ['bad/crl', / CRL of O=.*\n {2}1 revoked, next update \d{4}-\d\d-\d\d$/],
        ['client-key', / private key, EC P-256 \(256 bits\): matches none of these certificates$/],
      ];
      for (const [name, message] of sections) {
        it(`reports ${name}`, () => {
          const section = all.stdout.split('\n\n').find((text) => text.startsWith(`${pem(name)[0]}\n`));
          expect(section).to.match(message);
        });
      }

      it('exits with 1', () => {
        expect(all.stdout).to.match(/\nNot everything is valid\.\n$/);
        expect(all.stderr).to.equal('');
        expect(all.status).to.equal(1);
      });
    });

    it('exits with 1 when only the key does not match', () => {
      expect(run('inspect', ...pem('client', 'ca', 'server-key')).status).to.equal(1);
    });

    it('prints JSON, with the same exit codes', () => {
      const good = run('inspect', '--json', ...pem('client', 'ca'));
      expect(JSON.parse(good.stdout)).to.include({ holds: true });
      expect(good.status).to.equal(0);
      const bad = run('inspect', '--json', ...pem('bad/self-signed-client'));
      expect(JSON.parse(bad.stdout).certificates[0].chain).to.deep.equal({
        holds: false,
        reason: 'it is self-signed and not a CA',
      });
      expect(bad.status).to.equal(1);
    });

    it('exits with 2 for a file that is not PEM, a missing file, and a directory', async () => {
      await writeFile(inScratch('text'), 'no PEM');
      const cases: [path: string, message: string][] = [
        ['text', 'is not PEM'],
        ['missing', 'cannot be read (ENOENT'],
        ['certs', 'cannot be read (EISDIR'],
      ];
      for (const [name, message] of cases) {
        const { status, stdout, stderr } = run('inspect', ...pem('ca'), inScratch(name));
        expect(stderr).to.contain(`${inScratch(name)} ${message}`);
        expect(stdout).to.equal('');
        expect(status).to.equal(2);
      }
    });
  });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `user-info certs` to its end. */
function run(...args: string[]): Ended {
  return runProgram('certs', ...args);
}

function runProgram(...args: string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [builtProgram, ...args], { encoding: 'utf8' });
  if (error) throw error;
  return { status, stdout, stderr };
}
