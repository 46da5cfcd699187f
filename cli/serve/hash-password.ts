// Command `user-info hash-password`: reads a password from the terminal or a pipe and prints only its hash.
import { type Command, Option } from 'commander';
import { hashPassword, type PasswordHashAlgorithm, verifyPassword } from '../../server/auth/password-hash.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { readHiddenLine } from '../read-hidden-line.ts';

interface HashPasswordOptions {
  readonly algorithm: PasswordHashAlgorithm;
  readonly check?: boolean;
}

/** A longer line is not a password but another file that was piped in by mistake. */
const maxInputBytes = 65_536;

/** Adds `hash-password`. */
export function addHashPasswordCommand(program: Command): void {
  program
    .command('hash-password')
    .description('Hash a password for the option `passwordHash`. The password is read from the terminal or from stdin.')
    .addOption(new Option('--algorithm <name>', 'hash algorithm').choices(['scrypt', 'bcrypt']).default('scrypt'))
    .option('--check', 'read a hash and a password, and report whether they match')
    .action(runHashPassword)
    .addHelpText('after', help);
}

const help = `
Examples:
  Enter the password twice; it is not shown:
    $ user-info hash-password
  From a file or a password manager: one line, whose line break is removed:
    $ user-info hash-password < password.txt > password.hash
  For an htpasswd file that other servers also read:
    $ user-info hash-password --algorithm bcrypt
  Verify a password against a hash; in a pipe, the first line is the hash and the second line is the password:
    $ cat password.hash password.txt | user-info hash-password --check

Exit codes: 0 hashed, or the password matches; 1 the password does not match; 2 no password, two different passwords, or no hash.`;

async function runHashPassword({ algorithm, check }: HashPasswordOptions): Promise<void> {
  if (check) return checkPassword();
  const password = process.stdin.isTTY ? await askTwice() : splitLines(await readPipe(), 1)[0];
  if (!password) throw invalidUsage('The password is empty. Nothing was hashed.');
  process.stdout.write(`${await orRefuse(hashPassword(password, algorithm))}\n`);
}

async function checkPassword(): Promise<void> {
  const [hash = '', password = ''] = process.stdin.isTTY
    ? [await readHiddenLine('Hash: '), await readHiddenLine('Password: ')]
    : splitLines(await readPipe(), 2);
  if (!(await orRefuse(verifyPassword(password, hash)))) {
    throw new CommandFailure(exitCodes.negative, 'The hash does not match the password.');
  }
  process.stdout.write('The hash matches the password.\n');
}

async function askTwice(): Promise<string> {
  const password = await readHiddenLine('Password: ');
  if (/\p{Cc}/u.test(password)) {
    throw invalidUsage(
      'The input contains a control character (e.g. from an arrow key or a tab). Nothing was hashed. Try again.',
    );
  }
  if (password !== '' && password !== (await readHiddenLine('Repeat the password: '))) {
    throw invalidUsage('The two passwords differ. Nothing was hashed. Try again.');
  }
  return password;
}

async function readPipe(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxInputBytes) throw invalidUsage(`The input has more than ${maxInputBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalidUsage('The input is not UTF-8.');
  }
}

/** Throws unless there are `count` lines: a second line would be dropped silently, and the hash would not match the intended password. */
function splitLines(text: string, count: 1 | 2): string[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length !== count) {
    const wanted = count === 1 ? 'one line, the password' : 'two lines, the hash and the password';
    throw invalidUsage(`The input must be ${wanted}. Lines read: ${lines.length}.`);
  }
  return lines;
}

/** Converts a RangeError to a usage error: the user entered a text that cannot be hashed or verified. */
async function orRefuse<T>(outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof RangeError) throw invalidUsage(error.message, { cause: error });
    throw error;
  }
}
