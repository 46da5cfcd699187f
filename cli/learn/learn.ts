// Command `user-info learn`: experiments on a trial IAM of a platform by its REST API, and the platform profile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { CannotLearn, experimentNames, learnPlatform } from '../../simulator/learn/learn-platform.ts';
import { type LearningEndpointOptions, startLearningEndpoint } from '../../simulator/learn/learning-endpoint.ts';
import { createPlatformDriver, PlatformError } from '../../simulator/learn/platform-driver.ts';
import { writeTestUserList } from '../../simulator/learn/test-users.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { createProgressLine } from '../progress-line.ts';
import { collect } from '../repeatable-options.ts';
import { replaceFile } from '../replace-file.ts';
import { printText, renderTable } from '../text-table.ts';

interface LearnFlags {
  readonly writeUsers?: string;
  readonly platform?: string;
  readonly apiKeyEnv?: string;
  readonly iam?: string;
  readonly platformVersion: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly certs?: string;
  readonly username: string;
  readonly passwordEnv?: string;
  readonly prefix: string;
  readonly experiment: readonly string[];
  readonly maxWaitMs: string;
  readonly settleMs: string;
  readonly out: string;
}

/** Beyond the longest delay of a response, so that a sync can end. */
const syncMarginMs = 60_000;
const longestWaitMs = 240_000;

/** Adds `learn`. Exit codes: 0 profile or list written, 2 wrong options, 3 the platform or the port cannot be used. */
export function addLearnCommand(program: Command): void {
  program
    .command('learn')
    .description('Find out by experiments what a platform does where its documentation says nothing.')
    .option('--write-users <file>', 'write the list of test users for the identity provider (CSV) and exit')
    .option('--platform <url>', "base URL of the platform's REST API")
    .option('--api-key-env <name>', 'environment variable with an API key of the platform')
    .option('--iam <id>', 'trial IAM of the platform; it must contain test users only')
    .option('--platform-version <text>', 'name and version of the platform, for the profile', 'an unnamed platform')
    .option('--host <address>', 'address that the endpoint listens on', '127.0.0.1')
    .option('--port <number>', 'port that the endpoint listens on', '8444')
    .option('--path <path>', 'path of the endpoint', '/user-info')
    .option(
      '--certs <directory>',
      'certificates of `user-info certs create` for HTTPS (default: plain HTTP, on loopback only)',
    )
    .option('--username <name>', 'user name of the Basic credentials', 'platform')
    .option('--password-env <name>', 'environment variable with the password of the Basic credentials')
    .option('--prefix <text>', 'prefix of all test users; no real user may have it', 'learn-')
    .option('--experiment <name>', 'experiment to run; repeatable (default: all)', collect, [])
    .option('--max-wait-ms <ms>', 'longest delay of a response, in ms', '120000')
    .option('--settle-ms <ms>', "time before the platform's data is read, in ms; 0 for the simulator", '1000')
    .option('--out <file>', 'the profile, YAML', 'platform-profile.yaml')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info learn --write-users learn-users.csv
  $ user-info learn --platform https://platform.example.com --api-key-env API_KEY --iam trial \\
      --host 0.0.0.0 --certs certs --password-env LEARN_PASSWORD --platform-version 'Immuta 2024.3'
  $ user-info simulate iam create okta --type ldap --settings okta.yaml --profile platform-profile.yaml

Experiments: ${experimentNames.join(', ')}.
The endpoint responds to test users only. On the platform, the command triggers syncs of test users and reads users.
Exit codes: 0 written, 2 wrong options, 3 the platform or the port cannot be used.
`,
    )
    .action(learn);
}

async function learn(flags: LearnFlags): Promise<void> {
  assertPrefix(flags.prefix);
  if (flags.writeUsers !== undefined) {
    write('--write-users', flags.writeUsers, writeTestUserList(flags.prefix));
    printText(makeVisible(`The test users are in ${flags.writeUsers}.\n`));
    return;
  }
  const only = readExperiments(flags.experiment);
  const driver = createDriver(flags);
  const options = { prefix: flags.prefix, platform: flags.platformVersion, ...readTimes(flags) };
  const endpoint = await startLearningEndpoint(await readEndpointOptions(flags)).catch((error) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      exitCodes.unreachable,
      makeVisibleLine(`Cannot listen on ${flags.host}, port ${flags.port} (${code}). Choose another with --port.`),
    );
  });
  const line = createProgressLine(process.stderr);
  const total = only?.size ?? experimentNames.length;
  let done = 0;
  try {
    const profile = await learnPlatform({
      ...{ endpoint, driver, ...options, ...(only !== null && { only }) },
      onExperiment: (title) => line.show({ done: done++, total, title }),
    });
    line.clear();
    write('--out', flags.out, stringify(profile, { aliasDuplicateObjects: false }));
    printText(describeProfile(profile, flags.out));
  } catch (error) {
    line.clear();
    if (!(error instanceof CannotLearn || error instanceof PlatformError)) throw error;
    throw new CommandFailure(exitCodes.unreachable, makeVisible(error.message), { cause: error });
  } finally {
    await endpoint.close();
  }
}

/** Without a letter or digit at its start and a separator at its end, it could begin the name of a real user. */
function assertPrefix(prefix: string): void {
  if (/^[a-z0-9][a-z0-9._-]{1,38}[._-]$/.test(prefix)) return;
  throw new CommandFailure(
    exitCodes.usage,
    '--prefix must have 3 to 40 lower-case letters, digits, dots, hyphens or underscores, and end with a dot, hyphen or underscore.',
  );
}

function readExperiments(names: readonly string[]): ReadonlySet<string> | null {
  for (const name of names) {
    if (experimentNames.includes(name)) continue;
    const guess = suggest(findClosestWord(name, experimentNames)) || '.';
    throw new CommandFailure(
      exitCodes.usage,
      makeVisibleLine(`--experiment: unknown experiment ${name}${guess} \`learn --help\` lists them.`),
    );
  }
  return names.length === 0 ? null : new Set(names);
}

function createDriver({ platform, apiKeyEnv, iam, maxWaitMs }: LearnFlags) {
  if (platform === undefined || apiKeyEnv === undefined || iam === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Give --platform, --api-key-env and --iam, or --write-users.');
  }
  const url = URL.canParse(platform) ? new URL(platform) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandFailure(exitCodes.usage, '--platform must be an http or https URL.');
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new CommandFailure(
      exitCodes.usage,
      '--platform: the API key would cross the network in clear text. Use an https URL.',
    );
  }
  const timeoutMs = toMs('--max-wait-ms', maxWaitMs) + syncMarginMs;
  return createPlatformDriver({ url: url.href, apiKey: readVariable('--api-key-env', apiKeyEnv), iam, timeoutMs });
}

function readTimes({ maxWaitMs, settleMs }: LearnFlags) {
  return { maxWaitMs: toMs('--max-wait-ms', maxWaitMs), settleMs: toMs('--settle-ms', settleMs) };
}

function toMs(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= longestWaitMs) return Number(text);
  throw new CommandFailure(exitCodes.usage, `${option} must be a whole number from 0 to ${longestWaitMs}.`);
}

async function readEndpointOptions(flags: LearnFlags): Promise<LearningEndpointOptions> {
  const { host, path, username, passwordEnv, prefix, certs } = flags;
  const port = /^\d{1,5}$/.test(flags.port) ? Number(flags.port) : Number.NaN;
  if (!(port <= 65_535)) throw new CommandFailure(exitCodes.usage, '--port must be a number from 0 to 65535.');
  if (!/^\/[\w./-]*$/.test(path)) throw new CommandFailure(exitCodes.usage, '--path must begin with a slash.');
  if (passwordEnv === undefined) throw new CommandFailure(exitCodes.usage, 'Give --password-env.');
  if (certs === undefined && !isLoopbackHost(host)) {
    throw new CommandFailure(
      exitCodes.usage,
      `--host ${makeVisibleLine(host)} requires HTTPS. Create certificates with \`user-info certs create\` and give --certs.`,
    );
  }
  const password = readVariable('--password-env', passwordEnv);
  const own = { host, port, path, username, password, prefix };
  if (certs === undefined) return { ...own, tls: null };
  const read = (name: string) => readPem(join(certs, name));
  // A CA that no platform trusts.
  const { server } = await issueCertificates();
  const untrusted = { cert: server.certificate, key: server.key };
  return { ...own, tls: { cert: read('server.pem'), key: read('server-key.pem'), ca: read('ca.pem'), untrusted } };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(exitCodes.usage, makeVisible(`--certs: ${file} cannot be read (${code}).`));
  }
}

function readVariable(option: string, name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new CommandFailure(exitCodes.usage, makeVisibleLine(`${option}: the environment variable ${name} is not set.`));
}

function write(option: string, file: string, text: string): void {
  try {
    replaceFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(exitCodes.usage, makeVisible(`${option}: ${file} cannot be written (${code}).`));
  }
}

const determinations = {
  measured: 'measured at the endpoint',
  'read-by-api': 'read by the REST API',
  answered: 'answered by the operator',
} as const;

function describeProfile({ facts }: PlatformProfile, file: string): string {
  const all = Object.entries(facts);
  const rows = all.flatMap(([name, { determined, value = '', interval }]) => {
    if (determined === 'no') return [];
    const text = interval === undefined ? String(value) : `${value} (${interval.low} to ${interval.high})`;
    return [[name, text, determinations[determined]]];
  });
  const table = renderTable(['assumption', 'value', 'how'], rows, 'No assumption is determined.');
  return `${table}\n${makeVisible(`${rows.length} of ${all.length} assumptions are determined. ${file} has the evidence, and the reasons for the others.`)}\n`;
}
