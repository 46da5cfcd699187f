// Tests of `user-info hash-password` with a pipe and with a pseudo terminal.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { verifyPassword } from '../../server/auth/password-hash.ts';
import { builtProgram } from '../../tests/built-program.ts';
import { type TypedAnswer, typeInTerminal } from '../../tests/pseudo-terminal.ts';

const program = [builtProgram, 'hash-password'];

function pipe(input: string | Buffer, ...arguments_: string[]) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [...program, ...arguments_], {
    encoding: 'utf8',
    input,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

describe('user-info hash-password, in a pipe', () => {
  for (const [algorithm, form] of [
    ['scrypt', /^\$scrypt\$ln=15,r=8,p=1\$\S+\n$/],
    ['bcrypt', /^\$2b\$12\$\S{53}\n$/],
  ] as const) {
    it(`prints only the ${algorithm} hash of the line without its line break`, async () => {
      const { status, stdout, stderr } = pipe('pass wörd \r\n', '--algorithm', algorithm);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      expect(stdout).to.match(form);
      expect(await verifyPassword('pass wörd ', stdout.trimEnd())).to.equal(true);
    });
  }

  it('reports with --check whether a hash and a password match', () => {
    const hash = pipe('secret').stdout;
    expect(pipe(`${hash}secret\n`, '--check')).to.include({ status: 0, stdout: 'The hash matches the password.\n' });
    expect(pipe(`${hash}secre\n`, '--check')).to.include({ status: 1, stdout: '' });
    expect(pipe('secret\nsecret\n', '--check')).to.include({ status: 2, stdout: '' });
  });

  const refused: Record<string, [input: string | Buffer, message: RegExp, arguments_?: string[]]> = {
    'no input': ['', /password is empty/],
    'an empty line': ['\n', /password is empty/],
    'two lines': ['canary\ncanary\n', /must be one line, the password\. Lines read: 2/],
    'what is not UTF-8': [Buffer.from([0x63, 0xe9]), /not UTF-8/],
    'more than a password can be': ['canary'.repeat(20_000), /more than 65536 bytes/],
    'a password that is too long for bcrypt': ['canary'.repeat(20), /Use scrypt/, ['--algorithm', 'bcrypt']],
    'an unknown algorithm': ['canary', /Allowed choices are scrypt, bcrypt/, ['--algorithm', 'md5']],
    'a password as an argument': ['', /too many arguments/, ['an-argument']],
  };
  for (const [name, [input, message, arguments_ = []]] of Object.entries(refused)) {
    it(`rejects ${name} with exit code 2 without showing it`, () => {
      const { status, stdout, stderr } = pipe(input, ...arguments_);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
      expect(stderr).to.match(message).and.not.include('canary');
    });
  }
});

describe('user-info hash-password, in a terminal', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-terminal-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  /** Types each answer when its prompt appears; stdout is redirected to a file, as when the hash is stored. */
  async function type(answers: readonly TypedAnswer[]) {
    const output = join(directory, 'stdout');
    const seen = await typeInTerminal(`'${process.execPath}' ${program.join(' ')} > '${output}'`, answers);
    return { ...seen, stdout: readFileSync(output, 'utf8') };
  }

  it('prompts twice, shows none of the input, and supports Backspace and Ctrl-U', async () => {
    const { status, screen, stdout } = await type([
      ['Password: ', 'wrong\u0015canaryé\u007fx\r'],
      ['Repeat the password: ', 'canaryx\r'],
    ]);
    expect(status).to.equal(0);
    expect(screen).to.equal('Password: \r\nRepeat the password: \r\n');
    expect(await verifyPassword('canaryx', stdout.trimEnd())).to.equal(true);
  });

  it('accepts both lines in one paste', async () => {
    const { status, stdout } = await type([['Password: ', 'canary\rcanary\r']]);
    expect(status).to.equal(0);
    expect(await verifyPassword('canary', stdout.trimEnd())).to.equal(true);
  });

  const refused: Record<string, [answers: Array<[string, string]>, status: number, message: RegExp]> = {
    'two that differ': [
      [
        ['Password: ', 'canary\r'],
        ['Repeat the password: ', 'canarz\r'],
      ],
      2,
      /The two passwords differ/,
    ],
    'an empty one': [[['Password: ', '\r']], 2, /password is empty/],
    'the end of the input': [[['Password: ', '\u0004']], 2, /password is empty/],
    'an arrow key': [[['Password: ', 'canary\u001b[D\r']], 2, /control character/],
    'Ctrl-C': [[['Password: ', 'canary\u0003']], 130, /Password: /],
  };
  for (const [name, [answers, expected, message]] of Object.entries(refused)) {
    it(`exits without a hash for this input: ${name}`, async () => {
      const { status, screen, stdout } = await type(answers);
      expect({ status, stdout }).to.deep.equal({ status: expected, stdout: '' });
      expect(screen).to.match(message).and.not.include('canar');
    });
  }
});
