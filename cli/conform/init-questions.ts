// Prompts of `user-info init`: their texts, their order, and the validation of input.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { confirm, intro, multiselect, note, outro, select } from '@clack/prompts';
import { findCombinationFaults, findPemFaults } from '../../conformance/conformance-options.ts';
import type { AuthMode } from '../../conformance/run-conformance.ts';
import { findMissingNames, type UserKind, userKinds } from '../../conformance/user-kinds.ts';
import { quoteShellWord } from '../../simulator/platforms/shell-word.ts';
import { askFile, askText, unlessCancelled } from '../prompts.ts';
import type { ConformFlags } from './conform-options.ts';

/** Input that a run requires. */
export interface Settings {
  readonly url: string;
  readonly flags: ConformFlags;
}

const firstOf = (faults: Iterable<string>): string | undefined => [...faults][0];

/** Returns whether an existing file may be replaced. */
export function askForOverwriting(file: string): Promise<boolean> {
  return unlessCancelled(confirm({ message: `${file} already exists. Replace it?`, initialValue: false }));
}

/** Prompts for everything that neither the argument nor a flag provides; reports are written to `directory`. Sends no request. */
export async function askForSettings(
  argument: string | undefined,
  given: ConformFlags,
  directory: string,
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
    ...(await askReports(given, directory)),
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
    { value: 'both' as const, label: 'both', hint: 'both are required' },
  ];
  return unlessCancelled(
    select<AuthMode>({
      message: 'Which authentication does the endpoint require?',
      options: [
        { value: 'basic', label: 'Basic credentials', hint: 'user name and password' },
        // A client certificate requires TLS.
        ...(isHttps ? certificateModes : []),
        { value: 'either', label: 'either', hint: 'either one is sufficient' },
        { value: 'none', label: 'none', hint: 'for local tests' },
      ],
    }),
  );
}

/** Prompts for the kinds of credentials that the user has, for an endpoint that accepts either kind. */
async function askPart(given: ConformFlags, isHttps: boolean) {
  const basic = { basic: true, certificate: false };
  if (!isHttps || given.username !== undefined) return basic;
  const parts = await unlessCancelled(
    multiselect({
      message: 'Which credentials do you have?',
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
      findFault: (name) =>
        name.includes(':') ? 'The user name must not contain a colon (RFC 7617 section 2).' : undefined,
    }));
  return {
    username,
    ...(await askSecret(
      'password',
      'Where is the password stored? The configuration file refers to it.',
      'USER_INFO_PASSWORD',
      given,
    )),
  };
}

/**
 * Prompts for where a secret is stored, never for the secret itself. `findFault` validates the secret where it is available; undefined means that the
 * variable is not set.
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
        { value: 'file', label: 'in a file', hint: 'a line break at its end is ignored' },
      ],
    }),
  );
  if (place === 'file') {
    const findFileFault = (bytes: Buffer) => findFault(bytes.toString().replace(/\r?\n$/, ''));
    return { [`${name}File`]: await askFile('Which file?', `${name}.txt`, findFileFault) };
  }
  const answer = await askText('Which variable?', {
    initialValue: variable,
    findFault: (text) =>
      /^[A-Za-z_]\w*$/.test(text)
        ? findFault(process.env[text])
        : 'The name of a variable consists of letters, digits and underscores, and does not begin with a digit.',
  });
  return { [`${name}Env`]: answer };
}

function askPassphrase(given: ConformFlags, pem: Parameters<typeof findPemFaults>[0]): Promise<ConformFlags> {
  const message = 'The key is encrypted. Where is its passphrase stored?';
  return askSecret('passphrase', message, 'CLIENT_KEY_PASSPHRASE', given, (passphrase) =>
    passphrase === undefined
      ? 'The variable is not set, so the key cannot be verified. Press Ctrl-C, set it, and start again.'
      : firstOf(findPemFaults({ ...pem, passphrase })),
  );
}

async function askCertificate(given: ConformFlags): Promise<ConformFlags> {
  if (given.cert !== undefined || given.pfx !== undefined) return {};
  const form = await unlessCancelled(
    select({
      message: 'What is the format of the client certificate?',
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
  const cert = await askFile('Which file contains the certificate?', 'client.pem', findCertificateFault);
  const certificate = readFileSync(cert, 'utf8');
  const isEncrypted = (pemKey: string) => pemKey.includes('ENCRYPTED');
  const key = await askFile('Which file contains its private key?', 'client-key.pem', (bytes) => {
    const pemKey = bytes.toString();
    return isEncrypted(pemKey) ? undefined : firstOf(findPemFaults({ cert: certificate, key: pemKey }));
  });
  const pem = { cert: certificate, key: readFileSync(key, 'utf8') };
  return { cert, key, ...(isEncrypted(pem.key) ? await askPassphrase(given, pem) : {}) };
}

/** Returns why a file is unsuitable. X509Certificate also accepts DER, but Node's TLS accepts PEM only. */
function findCertificateFault(bytes: Buffer): string | undefined {
  const fault = 'The file is not a certificate in PEM format (-----BEGIN CERTIFICATE-----).';
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
      message: "Who signed the server's certificate?",
      options: [
        { value: true, label: 'a public CA', hint: 'trusted by Node.js' },
        { value: false, label: 'a private CA' },
      ],
    }),
  );
  if (isPublic) return {};
  return { ca: await askFile('Which file contains the certificate of that CA?', 'ca.pem', findCertificateFault) };
}

async function askUsers(given: ConformFlags): Promise<ConformFlags> {
  const users: ConformFlags = { ...given };
  if (given.knownUser === undefined) {
    const first = await askText('A userid that the endpoint knows', { placeholder: 'ada@example.com' });
    const second = await askText('A second userid with different groups, to compare responses (Enter: none)', {
      whenEmpty: '',
      findFault: (name) => (name === first ? 'This is the same user.' : undefined),
    });
    const names = second === '' ? [first] : [first, second];
    Object.assign(users, { knownUser: [...names, ...(await askUsersOfKinds(names))] });
  }
  if (given.unknownUser === undefined) {
    const unknownUser = await askText('A userid that the endpoint does not know (Enter: a random one in each run)', {
      whenEmpty: '',
      findFault: (name) => (users.knownUser?.includes(name) ? 'This is one of the known users.' : undefined),
    });
    if (unknownUser !== '') Object.assign(users, { unknownUser });
  }
  if (given.useridCase === undefined) Object.assign(users, await askCase());
  return users;
}

/** Prompts for users of the kinds that reveal errors, and skips a kind if a known user is of that kind. */
async function askUsersOfKinds(names: readonly string[]): Promise<string[]> {
  const missing = findMissingNames(names);
  const asked = Object.entries(userKinds).filter(
    ([kind, { name }]) => name === undefined || missing.includes(kind as UserKind),
  );
  note(
    'Errors often occur with unusual users. Enter a userid of each kind that exists, or press Enter for none.',
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
      message: 'Are Ada and ada the same user?',
      options: [
        { value: 'undeclared', label: 'unknown', hint: 'the behavior is reported but not evaluated' },
        { value: 'sensitive', label: 'no, letter case matters' },
        { value: 'insensitive', label: 'yes, letter case does not matter' },
      ],
    }),
  );
  return useridCase === 'undeclared' ? {} : { useridCase };
}

async function askReports(given: ConformFlags, directory: string): Promise<ConformFlags> {
  if (given.report !== undefined) return {};
  const formats = await unlessCancelled(
    multiselect({
      message: 'Which reports should be written?',
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
    // The path is relative, as in a flag, so that the configuration can be moved together with its reports.
    return `${format}=${relative('.', resolve(directory, `conformance.${endings[format] ?? format}`))}`;
  });
  return report.length === 0 ? {} : { report };
}

/** Prints the next steps. */
export function sayWritten(file: string, { passwordEnv }: ConformFlags, isAsked: boolean): void {
  const run = `user-info conform --config ${quoteShellWord(file)}`;
  const next = [
    ...(passwordEnv === undefined || process.env[passwordEnv] !== undefined
      ? []
      : [`Set ${passwordEnv} to the password before a run.`]),
    `${run} --dry-run   lists the requests without sending them`,
    run,
  ];
  if (!isAsked) process.stdout.write(`Written: ${file}\n${next.map((line) => `  ${line}\n`).join('')}`);
  else {
    note(next.join('\n'), 'Next');
    outro(`Written: ${file}`);
  }
}
