// Command `user-info learn`: runs experiments on a trial IAM of a platform, through its REST API or an operator, and writes the platform profile.
import { randomInt } from 'node:crypto';
import { intro, log, outro } from '@clack/prompts';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { LearnAnswers } from '../../schemas/generated/learn-answers.ts';
import type { Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { createAnswersOperator } from '../../simulator/learn/answers-operator.ts';
import { experimentNames, questionOf, variantNames } from '../../simulator/learn/experiment-order.ts';
import { CannotLearn, type LearnResult, learnPlatform } from '../../simulator/learn/learn-platform.ts';
import { type LearningEndpoint, startLearningEndpoint } from '../../simulator/learn/learning-endpoint.ts';
import { LockOut } from '../../simulator/learn/lock-out.ts';
import { createOperatorDriver, type Operator } from '../../simulator/learn/operator-driver.ts';
import { type PlatformDriver, PlatformError, Stopped } from '../../simulator/learn/platform-driver.ts';
import { createRestDriver } from '../../simulator/learn/rest-driver.ts';
import { writeTestUserList } from '../../simulator/learn/test-users.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { createProgressLine } from '../progress-line.ts';
import { collect } from '../repeatable-options.ts';
import { replaceFile } from '../replace-file.ts';
import { compileSchema, readSchemaFile } from '../schema-file.ts';
import { printText, renderTable } from '../text-table.ts';
import { createEndpointSetup, describeSettings, type EndpointFlags, readVariable } from './endpoint-setup.ts';
import {
  askExperiments,
  type ExperimentFlags,
  listExperiments,
  readExperiments,
  unusualResponses,
} from './experiment-options.ts';
import { readIntermediary } from './intermediary-options.ts';
import { addLearnObserveCommand } from './learn-observe.ts';
import { addLearnCompareCommand, addLearnReportCommand } from './learn-report.ts';
import { wordDetermination, wordValue } from './profile-parts.ts';
import { createTerminalOperator } from './terminal-operator.ts';

interface LearnFlags extends EndpointFlags, ExperimentFlags {
  readonly writeUsers?: string;
  readonly platform?: string;
  readonly apiKeyEnv?: string;
  readonly iam?: string;
  readonly platformVersion?: string;
  readonly answers?: string;
  readonly intermediary?: string;
  readonly seed?: string;
  readonly resume?: true;
  readonly requestWaitMs: string;
  readonly maxWaitMs: string;
  readonly settleMs: string;
  readonly out: string;
}

/** This time is added to the longest response delay, so that a sync can finish. */
const syncMarginMs = 60_000;
const longestWaitMs = 240_000;
const maxSeed = 2 ** 32 - 1;

/** Adds `learn`. Exit codes: 0 profile or list written, 2 wrong options, 3 the platform or the port cannot be used, or users are locked out. */
/** Adds `learn` with its subcommands. */
export function addLearnCommand(program: Command): void {
  const command = program
    .command('learn')
    .description('Run experiments to determine how a platform behaves where its documentation does not say.')
    .option('--write-users <file>', 'write the list of test users for the identity provider (CSV) and exit')
    .option(
      '--platform <url>',
      "base URL of the platform's REST API (default: the command prompts you for each action in the platform)",
    )
    .option('--api-key-env <name>', 'environment variable with an API key of the platform')
    .option('--iam <id>', 'trial IAM of the platform; it must contain test users only')
    .option(
      '--answers <file>',
      'without --platform: YAML file that contains what the platform shows and replaces the prompts',
    )
    .option(
      '--platform-version <text>',
      'name and version of the platform, for the profile (default: an unnamed platform)',
    )
    .option('--host <address>', 'address that the endpoint listens on (default: 127.0.0.1, or 0.0.0.0 with --address)')
    .option(
      '--address <name>',
      'host name or address at which the platform reaches this machine (default: --host, or the machine name for 0.0.0.0 and ::)',
    )
    .option('--port <number>', 'port that the endpoint listens on', '8444')
    .option('--path <path>', 'path of the endpoint', '/user-info')
    .option(
      '--certs <directory>',
      'certificates from `user-info certs create` for HTTPS (default: temporary certificates; with --platform: plain HTTP, on loopback only)',
    )
    .option('--username <name>', 'user name of the Basic credentials', 'platform')
    .option(
      '--password-env <name>',
      'environment variable with the password of the Basic credentials (default without --platform: a random password)',
    )
    .option('--prefix <text>', 'prefix of all test user names; no real user name may begin with it', 'learn-')
    .option(
      '--platform-address <address>',
      'IP address from which the platform itself connects; requests from other addresses count as coming through an intermediary; repeatable',
      collect,
    )
    .option(
      '--intermediary <answer>',
      'yes or no: whether a proxy or load balancer is in front of the endpoint (default: not known)',
    )
    .option(
      '--experiment <name>',
      `experiment to run, or ${unusualResponses} for all of that kind; repeatable (default: all)`,
      collect,
    )
    .option(
      '--skip <name>',
      `experiment to leave out, or ${unusualResponses} for all of that kind; repeatable`,
      collect,
    )
    .option('--seed <number>', 'seed that repeats the order of an earlier run (default: random)')
    .option('--resume', 'continue the run whose profile is in --out, with the experiments that have no result yet')
    .option('--request-wait-ms <ms>', 'with --answers: maximum time to wait for a request, in ms', '120000')
    .option('--max-wait-ms <ms>', 'longest delay of a response, in ms', '120000')
    .option('--settle-ms <ms>', "time to wait before reading the platform's data, in ms; 0 for the simulator", '1000')
    .option('--out <file>', 'the profile, YAML', 'platform-profile.yaml')
    .addHelpText('after', help)
    .action(learn);
  addLearnObserveCommand(command);
  addLearnReportCommand(command);
  addLearnCompareCommand(command);
}

const help = `
Examples:
  $ user-info learn --write-users learn-users.csv
  With an API key of the platform:
    $ user-info learn --platform https://platform.example.com --api-key-env API_KEY --iam trial \\
        --host 0.0.0.0 --certs certs --password-env LEARN_PASSWORD --platform-version 'Immuta 2024.3'
  Without an API key: the command says what to do in the platform, and asks what the platform shows:
    $ user-info learn --address users.example.com
    $ user-info learn --address users.example.com --resume
  Without prompts: you trigger the syncs, and a file contains the answers:
    $ user-info learn --address users.example.com --answers answers.yaml
  $ user-info simulate iam create okta --type ldap --settings okta.yaml --profile platform-profile.yaml

The file of --answers contains what the platform shows of the test user after each step of an experiment:
  testUsersOnly: true
  experiments:
    text-plain: [{ groups: [] }, { groups: [learn-second] }]
    not-found: [{ user: missing }, { groups: [learn-first] }, { user: disabled, groups: [learn-first] }]
An experiment without an answer has no result, unless it is measured at the endpoint: no-response, redirect, space-in-userid,
untrusted-certificate. The command prints the user whose request it expects.

Experiments:
${listExperiments(experimentNames.filter((name) => !variantNames.includes(name)))}
Experiments with ${unusualResponses}:
${listExperiments(variantNames)}
The order is random, but harmless experiments run first, and those with unusual responses run last among equally harmful ones.
At the end, the first experiment is repeated: if its result differs, nothing is determined.
The profile is written after each experiment. Ctrl-C does not delete it.
If the platform seems to have locked users out, the command stops before experiments that could do more harm. The exit code is then 3.
The endpoint responds only for test users. With --platform, the command triggers syncs of test users and reads users.
Exit codes: 0 written; 2 wrong options; 3 the platform or the port cannot be used, or users are locked out. Ctrl-C terminates the command with the signal; shells show exit code 130.
`;

async function learn(flags: LearnFlags): Promise<void> {
  assertPrefix(flags.prefix);
  if (flags.writeUsers !== undefined) {
    write('--write-users', flags.writeUsers, writeTestUserList(flags.prefix));
    printText(makeVisible(`The test users are in ${flags.writeUsers}.\n`));
    return;
  }
  const before = flags.resume ? readProfile(flags.out) : null;
  let only = readExperiments(flags, before);
  const platform = readPlatformName(flags, before);
  const driver = findDriver(flags);
  const intermediary = readIntermediary(flags) ?? driver.intermediary;
  const options = {
    ...{ prefix: flags.prefix, platform, seed: readSeed(flags), ...readTimes(flags) },
    ...(intermediary !== undefined && { intermediary }),
  };
  const setup = await createEndpointSetup(flags, flags.platform === undefined);
  const endpoint = await startLearningEndpoint(setup.options).catch((error) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      exitCodes.unreachable,
      makeVisibleLine(
        `Cannot listen on ${setup.options.host}, port ${flags.port} (${code}). Choose another port with --port, or another address with --host.`,
      ),
    );
  });
  const isAsking = flags.platform === undefined && flags.answers === undefined;
  const line = createProgressLine(process.stderr);
  let total: number | null = null;
  let isWritten = false;
  try {
    if (isAsking) intro('Experiments on a trial IAM');
    if (flags.platform === undefined) printText(describeSettings(setup, flags, endpoint.url));
    if (isAsking && only === null && before === null) only = await askExperiments();
    const result = await learnPlatform({
      ...{ endpoint, driver: driver.create(endpoint), ...options },
      ...(only !== null && { only }),
      ...(before !== null && { before }),
      onExperiment(name, left) {
        if (total === null && before !== null) printText(wordLeft(left));
        total ??= left;
        if (isAsking) log.step(`Experiment ${total - left + 1} of ${total}, ${name}: ${questionOf(name)}`);
        else line.show({ done: total - left, total, title: name });
      },
      onProfile(profile) {
        write('--out', flags.out, stringify(profile, { aliasDuplicateObjects: false }));
        isWritten = true;
      },
    });
    line.clear();
    if (isAsking) outro(result.stopped === null ? 'All experiments ran.' : 'Stopped.');
    if (total === null && before !== null && result.stopped === null) printText(wordLeft(0));
    printText(describeResult(result, flags.out, isWritten || before !== null));
    if (result.stopped instanceof Stopped && result.stopped.isInterrupted) interrupt();
    if (result.stopped instanceof LockOut) throw result.stopped;
  } catch (error) {
    line.clear();
    if (error instanceof Stopped) return interrupt();
    if (!(error instanceof CannotLearn || error instanceof PlatformError || error instanceof LockOut)) throw error;
    const rest =
      error instanceof PlatformError && isWritten
        ? ` ${flags.out} contains the results so far. Continue with --resume.`
        : '';
    throw new CommandFailure(exitCodes.unreachable, makeVisible(error.message + rest), { cause: error });
  } finally {
    await endpoint.close();
  }
}

/** Terminates as every other command does on Ctrl-C; shells show exit code 130. */
function interrupt(): void {
  process.kill(process.pid, 'SIGINT');
  // The handler that deletes the certificates runs on the event loop.
  setInterval(() => undefined, keepAliveMs);
}

const keepAliveMs = 1000;
const wordCount = (experiments: number) => (experiments === 1 ? '1 experiment' : `${experiments} experiments`);
const wordLeft = (left: number) => `${wordCount(left)} ${left === 1 ? 'is' : 'are'} left.\n`;

/** Requires a letter or digit at the start and a separator at the end: any other prefix could match the name of a real user. */
function assertPrefix(prefix: string): void {
  if (/^[a-z0-9][a-z0-9._-]{1,38}[._-]$/.test(prefix)) return;
  throw new CommandFailure(
    exitCodes.usage,
    '--prefix must have 3 to 40 lower-case letters, digits, dots, hyphens or underscores. The first must be a letter or digit, and the last must be neither.',
  );
}

interface DriverChoice {
  create(endpoint: LearningEndpoint): PlatformDriver;
  /** What the answers file states about an intermediary; absent: nothing. */
  readonly intermediary?: boolean | undefined;
}

/** Returns a function that creates the driver, which may need the endpoint. @throws {CommandFailure} 2. */
function findDriver(flags: LearnFlags): DriverChoice {
  const { platform, apiKeyEnv, iam, maxWaitMs, answers } = flags;
  if (platform === undefined && apiKeyEnv === undefined && iam === undefined) {
    const { operator, intermediary } =
      answers === undefined ? { operator: findTerminal() } : readAnswers(answers, flags);
    return { create: (endpoint) => createOperatorDriver(operator, endpoint), intermediary };
  }
  if (platform === undefined || apiKeyEnv === undefined || iam === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Specify --platform, --api-key-env and --iam together, or none of them.');
  }
  if (answers !== undefined) throw new CommandFailure(exitCodes.usage, '--answers cannot be used with --platform.');
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
  const apiKey = readVariable('--api-key-env', apiKeyEnv);
  return { create: () => createRestDriver({ url: url.href, apiKey, iam, timeoutMs }) };
}

function findTerminal(): Operator {
  if (process.stdin.isTTY && process.stdout.isTTY) return createTerminalOperator();
  throw new CommandFailure(
    exitCodes.usage,
    'Standard input or output is not a terminal. Specify --answers, or --platform, --api-key-env and --iam.',
  );
}

function readAnswers(
  file: string,
  { requestWaitMs }: LearnFlags,
): { readonly operator: Operator; readonly intermediary?: boolean | undefined } {
  const answers = readContent<LearnAnswers>('--answers', file, 'learn-answers.schema.json');
  const wait = toMs('--request-wait-ms', requestWaitMs);
  const say = (text: string) => printText(`${makeVisibleLine(text)}\n`);
  const operator = createAnswersOperator({ answers, requestWaitMs: wait, say });
  return { operator, intermediary: answers.intermediary };
}

/** @throws {CommandFailure} 2 with every error. */
function readContent<Content>(option: string, file: string, schema: string): Content {
  const errors: string[] = [];
  const read = readSchemaFile(option, file, compileSchema<Content>(schema), errors);
  if (read === null) throw new CommandFailure(exitCodes.usage, errors.join('\n'));
  return read.value;
}

function readProfile(file: string): PlatformProfile {
  const profile = readContent<PlatformProfile>('--resume', file, 'platform-profile.schema.json');
  if (profile.run !== undefined) return profile;
  throw new CommandFailure(
    exitCodes.usage,
    makeVisibleLine(`--resume: ${file} does not contain the order of its run. Run without --resume.`),
  );
}

/** Returns the name of the platform. Facts of two platforms must not be mixed, so a different name is an error. */
function readPlatformName({ platformVersion, out }: LearnFlags, before: PlatformProfile | null): string {
  if (before === null || platformVersion === undefined)
    return platformVersion ?? before?.platform ?? 'an unnamed platform';
  if (before.platform === platformVersion) return platformVersion;
  throw new CommandFailure(
    exitCodes.usage,
    makeVisibleLine(
      `--platform-version: the profile in ${out} describes another platform: ${before.platform}. Choose another file with --out.`,
    ),
  );
}

function readSeed({ seed }: LearnFlags): number {
  if (seed === undefined) return randomInt(maxSeed);
  if (/^\d{1,10}$/.test(seed) && Number(seed) <= maxSeed) return Number(seed);
  throw new CommandFailure(exitCodes.usage, `--seed must be a whole number from 0 to ${maxSeed}.`);
}

function readTimes({ maxWaitMs, settleMs }: LearnFlags) {
  return { maxWaitMs: toMs('--max-wait-ms', maxWaitMs), settleMs: toMs('--settle-ms', settleMs) };
}

function toMs(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= longestWaitMs) return Number(text);
  throw new CommandFailure(exitCodes.usage, `${option} must be a whole number from 0 to ${longestWaitMs}.`);
}

function write(option: string, file: string, text: string): void {
  try {
    replaceFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      exitCodes.usage,
      makeVisible(`${option}: ${file} cannot be written (${code}). Check that its directory exists and is writable.`),
    );
  }
}

/** @param isWritten whether `file` contains the profile. */
function describeResult({ profile, left, stopped }: LearnResult, file: string, isWritten: boolean): string {
  if (!isWritten) return 'Stopped before the first result. Nothing was written.\n';
  const all = Object.entries(profile.facts);
  const toRows = (facts: ReadonlyArray<readonly [string, Fact]>) =>
    facts.flatMap(([name, fact]) =>
      fact.determined === 'no' ? [] : [[name, wordValue(fact), wordDetermination(fact)]],
    );
  const rows = toRows(all);
  const others = toRows(Object.entries({ ...profile.responses }).map(([name, fact]) => [`responses.${name}`, fact]));
  const table = renderTable(['assumption', 'value', 'how'], [...rows, ...others], 'No assumption is determined.');
  const drift =
    profile.run?.control?.outcome === 'different'
      ? 'The platform changed its behavior during the run, so no result counts. Start again.\n'
      : '';
  const rest =
    left.length === 0
      ? ''
      : `${wordCount(left.length)} left${stopped ? '' : ' without a result'}. Continue with --resume.\n`;
  return `${table}\n${drift}${makeVisible(`${rows.length} of ${all.length} assumptions are determined. ${file} contains the evidence, and the reason why each of the others is not determined.`)}\n${rest}`;
}
