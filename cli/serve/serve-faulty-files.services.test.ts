// Tests that `serve` validates files like `config check`: the same errors, exit code 2, and no stack trace.
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { builtProgram } from '../../tests/built-program.ts';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli } from '../../tests/run-cli.ts';
import { secretReference } from '../../tests/test-server.ts';

const goodHash = '$2y$05$5vGVBmNAqXn3YJVmuzWWxOaOVN.4BKSm3vmWyRfOAzvqMcvYKYI0C';
const environment = { PASSPHRASE: 'canary' };

interface Faulty {
  /** Sections that replace the corresponding sections of a valid configuration. */
  readonly sections: object;
  /** Expected errors; "*" stands for the directory. */
  readonly faults: readonly RegExp[];
}

const tls = (others: object) => ({
  listener: { port: 0, tls: { certificate: 'server.pem', key: 'server-key.pem', ...others } },
});
const htpasswd = { authentication: { mode: 'basic', basic: { htpasswdFile: 'users.htpasswd' } } };
const csv = (path: string) => ({ source: { type: 'csv', path, columns: { userid: 'u', groups: [{ column: 'g' }] } } });

const faulty: Record<string, Faulty & { readonly htpasswd?: string }> = {
  'an RSA key with an EC certificate': {
    sections: tls({ key: 'rsa-key.pem' }),
    faults: [
      /\.json:\d+:\d+ listener\.tls\.key: the key \S+rsa-key\.pem does not match the certificate \S+server\.pem\. /,
    ],
  },
  'a client CA without certificates': {
    sections: {
      ...tls({ clientCa: ['junk'] }),
      authentication: { mode: 'mtls', clientCertificate: { allow: [{ dns: 'a.test' }] } },
    },
    faults: [/\.json:\d+:\d+ listener\.tls\.clientCa\[0\]: \S+junk contains no certificate in PEM/],
  },
  'a wrong passphrase': {
    sections: tls({ key: 'encrypted.pem', keyPassphrase: secretReference('PASSPHRASE') }),
    faults: [/\.json:\d+:\d+ listener\.tls\.key: keyPassphrase does not decrypt the key \S+encrypted\.pem\. Correct/],
  },
  'directories for files': {
    sections: { ...tls({ certificate: '.' }), ...htpasswd, ...csv('.') },
    htpasswd: `api:${goodHash}\n`,
    faults: [
      /listener\.tls\.certificate: cannot read \S+: it is a directory\. /,
      /source\.path: cannot read \S+: it is a directory\. /,
    ],
  },
  'a log in a missing directory': {
    sections: { logging: { destination: 'missing/server.log' } },
    faults: [
      /\.json:\d+:\d+ logging\.destination: cannot write to \S+server\.log: there is no directory \S+missing\. Create it/,
    ],
  },
  'a missing CSV file': {
    sections: csv('gone.csv'),
    faults: [/\.json:\d+:\d+ source\.path: cannot read \S+gone\.csv: there is no such file\. /],
  },
  'devices and pipes': {
    sections: { ...tls({ certificate: '/dev/zero', key: 'pipe' }), ...csv('/dev/zero') },
    faults: [
      /listener\.tls\.certificate: cannot read \/dev\/zero: it is a device/,
      /listener\.tls\.key: cannot read \S+pipe: it is a pipe/,
      /source\.path: cannot read \/dev\/zero: it is a device/,
    ],
  },
  'every kind of faulty htpasswd line': {
    sections: htpasswd,
    htpasswd: [
      'api:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
      'b:$apr1$abcdefgh$AAAAAAAAAAAAAAAAAAAAA.',
      'no colon',
      `:${goodHash}`,
      'c:',
      'd:canary in plain text',
      'e:$2y$99$5vGVBmNAqXn3YJVmuzWWxOaOVN.4BKSm3vmWyRfOAzvqMcvYKYI0C',
      `f:${goodHash}`,
      `f:${goodHash}`,
      'g:$scrypt$junk',
    ].join('\n'),
    faults: [1, 2, 3, 4, 5, 6, 7, 9, 10].map(
      (line) => new RegExp(`authentication\\.basic\\.htpasswdFile: \\S+users\\.htpasswd:${line}: \\S+`),
    ),
  },
  'an empty htpasswd file': {
    sections: htpasswd,
    htpasswd: '\n# nobody\n',
    faults: [/authentication\.basic\.htpasswdFile: \S+users\.htpasswd:1: the file contains no user/],
  },
};

describe('user-info serve, with faulty files', () => {
  let scratch: string;
  before(async () => {
    scratch = scratchDirectory();
    const { good } = await certificateFiles();
    const write = (name: string, text: string) => writeFileSync(join(scratch, name), text, { mode: 0o600 });
    write('server.pem', good.server.certificate);
    write('server-key.pem', good.server.key);
    write('junk', 'junk\n');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    write('rsa-key.pem', rsa.export({ type: 'pkcs8', format: 'pem' }) as string);
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'another' } as const;
    write('encrypted.pem', rsa.export(encrypted) as string);
    execFileSync('mkfifo', [join(scratch, 'pipe')]);
  });

  function configure(sections: object): string {
    const file = join(scratch, 'user-info.json');
    const whole = {
      listener: { port: 0 },
      authentication: { mode: 'none' },
      source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
      ...sections,
    };
    writeFileSync(file, JSON.stringify(whole, null, 1));
    return file;
  }

  for (const [name, { sections, faults, htpasswd: entries }] of Object.entries(faulty)) {
    it(`exits with 2 and the errors of config check, given ${name}`, async () => {
      if (entries !== undefined) writeFileSync(join(scratch, 'users.htpasswd'), entries);
      const file = configure(sections);
      const served = await runCli(['serve', '--config', file], environment);
      const checked = await runCli(['config', 'check', file], environment);
      expect([served.exitCode, checked.exitCode, served.stdout]).to.deep.equal([2, 2, '']);
      for (const fault of faults) expect(served.stderr).to.match(fault);
      expect(served.stderr.trimEnd().split('\n')).to.have.length(faults.length);
      expect(served.stderr).not.to.match(/bug|\bat .*:\d+:\d+\)|error:[0-9A-F]{8}|canary/);
      expect(checked.stderr).to.include(served.stderr.replace(/^user-info: /, ''));
    });
  }

  it('exits with the same errors when it has workers', async () => {
    const file = configure({ workers: 2, ...tls({ key: 'rsa-key.pem' }) });
    const { exitCode, stdout, stderr } = await runCli(['serve', '--config', file]);
    expect([exitCode, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^user-info: \S+user-info\.json:\d+:\d+ listener\.tls\.key: the key .*\n$/);
  });

  describe('with a configuration that is not a regular file', () => {
    it('immediately rejects a device, a directory and a file that is too large', async () => {
      mkdirSync(join(scratch, 'directory'));
      writeFileSync(join(scratch, 'large'), Buffer.alloc(17 * 1024 * 1024, 0x20));
      const refused: Array<[file: string, reason: RegExp]> = [
        ['/dev/zero', /cannot be read: it is a device or a socket\. Name a regular file/],
        [join(scratch, 'directory'), /cannot be read: it is a directory/],
        [join(scratch, 'large'), /cannot be read: it has more than 16777216 bytes/],
      ];
      for (const [file, reason] of refused) {
        const { exitCode, stderr } = await runCli(['serve', '--config', file]);
        expect([exitCode, stderr.split('\n').length]).to.deep.equal([2, 2]);
        expect(stderr).to.match(reason);
      }
    });

    /** Runs a line in bash, which supports `<(…)`. */
    async function runLine(line: string) {
      const child = spawn('bash', ['-c', line], { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'] });
      const heard = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (part: string) => {
          heard[name] += part;
        });
      }
      return { child, heard, closed: once(child, 'close') };
    }

    it('accepts the pipe of a process substitution, and resolves paths relative to the working directory', async () => {
      const config = configure(tls({}));
      const { heard, closed } = await runLine(
        `"${process.execPath}" "${builtProgram}" config check <(sleep 0.2; cat "${config}")`,
      );
      const [exitCode] = await closed;
      expect([exitCode, heard.stderr]).to.deep.equal([0, '']);
    });

    it('reads a pipe once and serves from it, and rejects it for several workers', async () => {
      const config = configure({});
      const { child, heard, closed } = await runLine(
        `exec "${process.execPath}" "${builtProgram}" serve --config <(cat "${config}")`,
      );
      while (!heard.stdout.includes('"url"')) await Promise.race([once(child.stdout, 'data'), closed]);
      const [, url = ''] = /"url":"([^"]+)"/.exec(heard.stdout) ?? [];
      expect((await ask(`${url}?userid=ada`)).status).to.equal(200);
      child.kill('SIGHUP');
      while (!heard.stdout.includes('"reloaded"')) await Promise.race([once(child.stdout, 'data'), closed]);
      child.kill('SIGTERM');
      const [exitCode] = await closed;
      expect(exitCode).to.equal(0);
      const several = await runLine(
        `exec "${process.execPath}" "${builtProgram}" serve --workers 2 --config <(cat "${config}")`,
      );
      expect((await several.closed)[0]).to.equal(2);
      expect(several.heard.stderr).to.match(
        /is a pipe, and only one process can read a pipe\. Write the configuration to a file/,
      );
    });
  });
});
