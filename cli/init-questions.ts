// Questions of `user-info init`: what it asks, in which order, and what is wrong with an answer.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { confirm, intro, multiselect, note, outro, select } from '@clack/prompts';
import { findCombinationFaults, findPemFaults } from '../conformance/conformance-options.ts';
import type { AuthMode } from '../conformance/run-conformance.ts';
import { findMissingNames, type UserKind, userKinds } from '../conformance/user-kinds.ts';
import { quoteShellWord } from '../simulator/platforms/shell-word.ts';
import type { ConformFlags } from './conform-options.ts';
import { askFile, askText, unlessCancelled } from './prompts.ts';

/** What a run needs. */
export interface Settings {
  readonly url: string;
  readonly flags: ConformFlags;
}

const firstOf = (faults: Iterable<string>): string | undefined => [...faults][0];

/** True: whoever answers wants to keep nothing of the file that is there. */
export function askForOverwriting(file: string): Promise<boolean> {
  return unlessCancelled(confirm({ message: `${file} is there already. Replace it?`, initialValue: false }));
}

/** Asks for what neither the argument nor a flag says; reports go into `folder`. Nothing is sent. */
export async function askForSettings(
  argument: string | undefined,
  given: ConformFlags,
  folder: string,
): Promise<Settings> {
  intro('A configuration file for user-info conform');
  const url = argument ?? (await askUrl());
  const isHttps = url.startsWith('https:');
  const auth = given.auth ?? (await askAuth(isHttps));
  const part =
    auth === 'either' ? await askPart(given, isHttps) : { basic: auth !== 'mtls', certificate: auth !== 'basic' };
  const flags: ConformFlags = {
    ...given,
    auth,
    ...(auth !== 'none' && part.basic ? await askCredentials(given) : {}),
    ...(auth !== 'none' && part.certificate ? await askCertificate(given) : {}),
    ...(isHttps ? await askCa(given) : {}),
    ...(await askUsers(given)),
    ...(await askReports(given, folder)),
  };
  return { url, flags };
}

function askUrl(): Promise<string> {
  return askText('URL of the endpoint, without ?userid=', {
    placeholder: 'https://users.example.com/user-info',
    findFault: (url) => firstOf(findCombinationFaults({ url, auth: 'none' })),
  });
}

function askAuth(isHttps: boolean): Promise<AuthMode> {
  const certificateModes = [
    { value: 'mtls' as const, label: 'a client certificate' },
    { value: 'both' as const, label: 'both', hint: 'each must hold' },
  ];
  return unlessCancelled(
    select<AuthMode>({
      message: 'What is it meant to ask for?',
      options: [
        { value: 'basic', label: 'Basic credentials', hint: 'user name and password' },
        // A client certificate needs TLS.
        ...(isHttps ? certificateModes : []),
        { value: 'either', label: 'either', hint: 'one of the two is enough' },
        { value: 'none', label: 'nothing', hint: 'on a machine of your own' },
      ],
    }),
  );
}

/** What is there to ask with where one is enough. */
async function askPart(given: ConformFlags, isHttps: boolean) {
  const basic = { basic: true, certificate: false };
  if (!isHttps || given.username !== undefined) return basic;
  const parts = await unlessCancelled(
    multiselect({
      message: 'What do you have to ask with?',
      options: [
        { value: 'basic', label: 'Basic credentials' },
        { value: 'certificate', label: 'a client certificate' },
      ],
      initialValues: ['basic', 'certificate'],
    }),
  );
  return { basic: parts.includes('basic'), certificate: parts.includes('certificate') };
}

async function askCredentials(given: ConformFlags): Promise<ConformFlags> {
  const username =
    given.username ??
    (await askText('User name of the Basic credentials', {
      findFault: (name) => (name.includes(':') ? 'It must not hold a colon (RFC 7617, 2).' : undefined),
    }));
  return {
    username,
    ...(await askSecret(
      'password',
      'Where will their password be? Only the place is written down.',
      'USER_INFO_PASSWORD',
      given,
    )),
  };
}

/**
 * Where a secret is; the secret itself is never asked for. `findFault` judges it, where it can be judged now: undefined is a
 * variable that is not set.
 */
async function askSecret(
  name: 'password' | 'passphrase',
  message: string,
  variable: string,
  given: ConformFlags,
  findFault: (secret: string | undefined) => string | undefined = () => undefined,
): Promise<ConformFlags> {
  if (given[`${name}Env`] !== undefined || given[`${name}File`] !== undefined) return {};
  const place = await unlessCancelled(
    select({
      message,
      options: [
        { value: 'variable', label: 'in an environment variable' },
        { value: 'file', label: 'in a file', hint: 'a line break at its end is not part of it' },
      ],
    }),
  );
  if (place === 'file') {
    const judge = (bytes: Buffer) => findFault(bytes.toString().replace(/\r?\n$/, ''));
    return { [`${name}File`]: await askFile('Which file?', `${name}.txt`, judge) };
  }
  const answer = await askText('Which variable?', {
    initialValue: variable,
    findFault: (text) =>
      /^[A-Za-z_]\w*$/.test(text)
        ? findFault(process.env[text])
        : 'A name has letters, digits and underscores, and begins with no digit.',
  });
  return { [`${name}Env`]: answer };
}

function askPassphrase(given: ConformFlags, pem: Parameters<typeof findPemFaults>[0]): Promise<ConformFlags> {
  const message = 'It is encrypted. Where is the passphrase?';
  return askSecret('passphrase', message, 'CLIENT_KEY_PASSPHRASE', given, (passphrase) =>
    passphrase === undefined
      ? 'It is not set here, and the key can not be checked without: end with Ctrl-C, set it, and begin again.'
      : firstOf(findPemFaults({ ...pem, passphrase })),
  );
}

async function askCertificate(given: ConformFlags): Promise<ConformFlags> {
  if (given.cert !== undefined || given.pfx !== undefined) return {};
  const form = await unlessCancelled(
    select({
      message: 'In which form is the client certificate?',
      options: [
        { value: 'pem', label: 'two files, certificate and private key', hint: 'PEM' },
        { value: 'pfx', label: 'one file', hint: 'PKCS #12: .pfx, .p12' },
      ],
    }),
  );
  if (form === 'pfx') {
    const pfx = await askFile('Which file?', 'client.p12');
    const pem = { pfx: readFileSync(pfx) };
    const isOpen = firstOf(findPemFaults(pem)) === undefined;
    return { pfx, ...(isOpen ? {} : await askPassphrase(given, pem)) };
  }
  const cert = await askFile('Which file is the certificate?', 'client.pem', findCertificateFault);
  const certificate = readFileSync(cert, 'utf8');
  const isEncrypted = (pemKey: string) => pemKey.includes('ENCRYPTED');
  const key = await askFile('Which file is its private key?', 'client-key.pem', (bytes) => {
    const pemKey = bytes.toString();
    return isEncrypted(pemKey) ? undefined : firstOf(findPemFaults({ cert: certificate, key: pemKey }));
  });
  const pem = { cert: certificate, key: readFileSync(key, 'utf8') };
  return { cert, key, ...(isEncrypted(pem.key) ? await askPassphrase(given, pem) : {}) };
}

/** X509Certificate takes DER too; Node's TLS does not. */
function findCertificateFault(bytes: Buffer): string | undefined {
  const fault = 'It is no certificate in PEM form (-----BEGIN CERTIFICATE-----).';
  try {
    new X509Certificate(bytes);
    return bytes.includes('-----BEGIN ') ? undefined : fault;
  } catch {
    return fault;
  }
}

async function askCa(given: ConformFlags): Promise<ConformFlags> {
  if (given.ca !== undefined) return {};
  const isPublic = await unlessCancelled(
    select({
      message: "Who has signed the server's certificate?",
      options: [
        { value: true, label: 'a public CA', hint: 'one that Node trusts' },
        { value: false, label: 'a CA of your own' },
      ],
    }),
  );
  if (isPublic) return {};
  return { ca: await askFile('Which file is the certificate of that CA?', 'ca.pem', findCertificateFault) };
}

async function askUsers(given: ConformFlags): Promise<ConformFlags> {
  const users: ConformFlags = { ...given };
  if (given.knownUser === undefined) {
    const first = await askText('A user whom the endpoint knows', { placeholder: 'ada@example.com' });
    const second = await askText('A second one, with other groups: answers are compared then (Enter: none)', {
      whenEmpty: '',
      findFault: (name) => (name === first ? 'It is the same user.' : undefined),
    });
    const names = second === '' ? [first] : [first, second];
    Object.assign(users, { knownUser: [...names, ...(await askUsersOfKinds(names))] });
  }
  if (given.unknownUser === undefined) {
    const unknownUser = await askText('A user whom it does not know (Enter: a random one in each run)', {
      whenEmpty: '',
      findFault: (name) => (users.knownUser?.includes(name) ? 'It was named as a known user.' : undefined),
    });
    if (unknownUser !== '') Object.assign(users, { unknownUser });
  }
  if (given.useridCase === undefined) Object.assign(users, await askCase());
  return users;
}

/** Asks for users of the kinds with whom errors show, unless one of the names is such a one already. */
async function askUsersOfKinds(names: readonly string[]): Promise<string[]> {
  const missing = findMissingNames(names);
  const asked = Object.entries(userKinds).filter(
    ([kind, { name }]) => name === undefined || missing.includes(kind as UserKind),
  );
  note(
    'Errors often show with special users. Name those that exist, and press Enter where there is none.',
    'More users',
  );
  const found: string[] = [];
  for (const [, { words }] of asked) {
    const answer = await askText(`A user with ${words} (Enter: none)`, { whenEmpty: '' });
    if (answer !== '' && !names.includes(answer) && !found.includes(answer)) found.push(answer);
  }
  return found;
}

async function askCase(): Promise<ConformFlags> {
  const useridCase = await unlessCancelled(
    select<'undeclared' | 'sensitive' | 'insensitive'>({
      message: 'Are Ada and ada one user?',
      options: [
        { value: 'undeclared', label: 'not known', hint: 'what the endpoint does is reported, and not judged' },
        { value: 'sensitive', label: 'no, letter case matters' },
        { value: 'insensitive', label: 'yes, letter case does not matter' },
      ],
    }),
  );
  return useridCase === 'undeclared' ? {} : { useridCase };
}

async function askReports(given: ConformFlags, folder: string): Promise<ConformFlags> {
  if (given.report !== undefined) return {};
  const formats = await unlessCancelled(
    multiselect({
      message: 'Which reports are to be written beside it?',
      options: [
        { value: 'html', label: 'HTML', hint: 'for people' },
        { value: 'junit', label: 'JUnit', hint: 'for CI' },
        { value: 'markdown', label: 'Markdown', hint: 'for the summary of a CI job' },
        { value: 'sarif', label: 'SARIF', hint: 'for code scanning' },
        { value: 'json', label: 'JSON', hint: 'for programs' },
      ],
      initialValues: ['html'],
      required: false,
    }),
  );
  const endings: Readonly<Record<string, string>> = { junit: 'xml', markdown: 'md' };
  const report = formats.map((format) => {
    // As a flag would name it, and not absolute: the configuration can be moved with its reports.
    return `${format}=${relative('.', resolve(folder, `conformance.${endings[format] ?? format}`))}`;
  });
  return report.length === 0 ? {} : { report };
}

/** What comes next. */
export function sayWritten(file: string, { passwordEnv }: ConformFlags, isAsked: boolean): void {
  const run = `user-info conform --config ${quoteShellWord(file)}`;
  const next = [
    ...(passwordEnv === undefined || process.env[passwordEnv] !== undefined
      ? []
      : [`Set ${passwordEnv} to the password before a run.`]),
    `${run} --dry-run   shows what would be sent`,
    run,
  ];
  if (!isAsked) process.stdout.write(`Written: ${file}\n${next.map((line) => `  ${line}\n`).join('')}`);
  else {
    note(next.join('\n'), 'Next');
    outro(`Written: ${file}`);
  }
}
