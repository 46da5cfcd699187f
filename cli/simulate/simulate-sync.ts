// Commands `user-info simulate sync` and `login`: options, the run, output, and exit code.
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { FaultRuleError, type Faults, faultKinds, parseFaultRules } from '../../simulator/faults/fault-rules.ts';
import type { Simulator } from '../../simulator/open-simulator.ts';
import { diffExpected, type ExpectedUser, type UserDifference } from '../../simulator/sync/diff-runs.ts';
import { type FailureKind, failureKinds } from '../../simulator/sync/evaluate-response.ts';
import { loadIamSettings } from '../../simulator/sync/iam-settings.ts';
import type { GuardNumbers, Run, RunSummary } from '../../simulator/sync/run.ts';
import { findReasonToSkipSync } from '../../simulator/sync/run-decisions.ts';
import { needsList, resumeSync, runSync, type SyncResult } from '../../simulator/sync/run-sync.ts';
import type { SyncControl, SyncProgress, UserList } from '../../simulator/sync/sync-request.ts';
import { parseSchedule, runOnSchedule } from '../../simulator/sync/sync-schedule.ts';
import { isComparable, isSuccessful } from '../../simulator/sync/sync-verdict.ts';
import { reportOption } from '../conform/report-targets.ts';
import { CommandFailure, exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { readExpectedAccess } from '../expected-file.ts';
import { createProgressLine } from '../progress-line.ts';
import { nextSignal, stopOnSignal } from '../stop-on-signal.ts';
import { printText } from '../text-table.ts';
import { printRunJson } from './run-json.ts';
import { findRunReportTargets, runReportFormats, writeRunReports } from './run-report.ts';
import { describeDifferences, describeRun } from './run-text.ts';
import { showSensitivity } from './simulate-sensitivity.ts';
import { type StoreFlags, toWholeNumber, useSimulator, withActorOption } from './simulator-command.ts';
import { readListOfSettings, readUsers, readUsersAgain, type UserListFlags, withUsersOption } from './user-list.ts';

interface SyncFlags extends StoreFlags, UserListFlags {
  readonly users?: string;
  readonly dryRun?: boolean;
  readonly resume?: string;
  readonly acceptLosses?: string;
  readonly acceptGains?: string;
  readonly expect?: string;
  readonly tolerate: readonly FailureKind[];
  /** `true`: use the schedule of the IAM. */
  readonly schedule?: string | true;
  readonly timeZone?: string;
  readonly report?: readonly string[];
  readonly faults?: string;
  readonly seed?: string;
  readonly sensitivity?: boolean;
}

interface LoginFlags extends StoreFlags {
  readonly dryRun?: boolean;
}

const help = `
Examples:
  All users of a file, as in a sync of a directory; first a dry run:
    $ user-info simulate sync okta --users users.csv --dry-run
    $ user-info simulate sync okta --users users.csv
  All users of a directory (ldaps://host/base?attribute?scope?filter):
    $ user-info simulate sync okta --bind-dn cn=reader,dc=example,dc=com --bind-password-file password \\
        --users 'ldaps://ldap.example.com/ou=people,dc=example,dc=com?uid?one?(objectClass=inetOrgPerson)'
  All users of the IAM's user list (without one, all users in the store), or only some:
    $ user-info simulate sync okta
    $ user-info simulate sync okta ada@example.com bob@example.com
  A one-line test for CI:
    $ user-info simulate sync okta --users users.csv --expect expected.yaml
  Resume an interrupted run with its own user list, by the number that \`runs list\` shows; apply a run that the guard stopped, after confirming how many
  users lose access:
    $ user-info simulate sync okta --resume 7
    $ user-info simulate sync okta --resume 8 --accept-losses 12
  On the IAM's sync schedule, or on another one:
    $ user-info simulate sync okta --users users.csv --schedule
    $ user-info simulate sync okta --users users.csv --schedule '0 2 * * *' --time-zone Europe/Zurich
  Find the assumptions that matter, by evaluating the same responses under each value of each assumption:
    $ user-info simulate sync okta --users users.csv --sensitivity
  With reproducible network faults:
    $ user-info simulate sync okta --users users.csv --dry-run --faults 'reset=1%,delay=5%:200ms,5xx=2%:20' --seed 7

The file of --users is CSV or LDIF. The CSV columns are userid, name and email. If the identity provider assigns groups or attributes itself,
the columns group, attribute and value are added. There is one row per group or value. Only userid is required; an unknown column is an error. An incomplete list from an LDAP
directory is rejected. Users who are no longer in the list are disabled.
Nothing is applied until all users have been requested. The guard then stops the run if it exceeds a limit of the IAM's blastRadius
settings. Example: too many users would lose access. A stopped run waits until it is accepted or rejected.
The file of --expect maps user names to groups and authorizations. The endpoint must have returned user info for each of these users in
this run. Users for whom the file has allowKept: true are exempt.
Kinds of failures, for --tolerate: ${failureKinds.join(', ')}.
Faults, for --faults, each with the percentage of affected requests: ${faultKinds.join(', ')}. After a colon, delay takes a duration,
and 5xx takes a number of consecutive users.
Exit codes: 0 done; 1 the guard stopped the run or would stop the dry run, a user could not be retrieved, or a result differs from --expect;
2 an option, a file or a setting is invalid, or there are no users to synchronize; 3 the endpoint cannot be reached, or another command is using
the file. --schedule: the code of the last failed run. --sensitivity: 0, or 3 if the endpoint cannot be reached or did not return user info for any user.
Ctrl-C terminates the command with the signal; shells show exit code 130.
`;

/** Adds `sync`. */
export function addSyncCommand(simulate: Command): void {
  withUsersOption(withActorOption(simulate.command('sync <iam>')))
    .description(
      'Synchronize the users of an IAM with the endpoint: request each user, show the changes, and apply them.',
    )
    .argument('[userid...]', 'only these users (default: all)')
    .option('--dry-run', 'apply nothing')
    .option('--resume <run>', 'resume this run')
    .option(
      '--accept-losses <users>',
      'apply losses that the guard blocks; confirm the exact number of users who lose access',
    )
    .option(
      '--accept-gains <users>',
      'apply gains that the guard blocks; confirm the exact number of users who gain a group that stops the run',
    )
    .option(
      '--schedule [pattern]',
      "run at each time of this cron pattern until stopped (default: the IAM's sync.cronRule)",
    )
    .option('--time-zone <name>', "time zone of the pattern, e.g. Europe/Zurich (default: the IAM's)")
    .option('--expect <file>', 'expected access of users: YAML, JSON, or CSV (userid,group,attribute,value)')
    .option('--tolerate <kinds>', 'failures that do not fail the command, separated by commas', toKinds, [])
    .addOption(reportOption(runReportFormats))
    .option('--faults <faults>', 'faults to inject into requests: KIND=PERCENT%, separated by commas')
    .option('--seed <number>', 'seed that selects the requests with faults (default: 1)')
    .option(
      '--sensitivity',
      'show a table of what each value of each assumption would change; nothing is stored or applied',
    )
    .addHelpText('after', help)
    .action(sync);
}

/** Adds `login`. */
export function addLoginCommand(simulate: Command): void {
  withActorOption(simulate.command('login <iam> <userid>'))
    .description(
      'Log a user in: request the user from the endpoint, and create the user if necessary. With --dry-run: "Test user login".',
    )
    .option('--dry-run', 'apply nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate login okta ada@example.com --dry-run
  $ user-info simulate login okta ada@example.com

Exit codes: 0 logged in, 1 the login was refused or the user could not be retrieved, 2 a setting is invalid, 3 the endpoint cannot be reached, or another process uses the store.
`,
    )
    .action(login);
}

function toKinds(text: string): readonly FailureKind[] {
  const kinds = text.split(',').map((word) => word.trim());
  const isKind = (word: string): word is FailureKind => (failureKinds as readonly string[]).includes(word);
  if (kinds.every(isKind)) return kinds;
  throw invalidUsage(`--tolerate contains an unknown kind of failure. Known kinds: ${failureKinds.join(', ')}.`);
}

async function sync(iam: string, userids: readonly string[], flags: SyncFlags): Promise<void> {
  const refuse = (message: string) => invalidUsage(message);
  // Handled before the schedule, whose runs would be applied.
  if (flags.sensitivity) {
    if (applyingOptions.some((option) => flags[option] !== undefined)) {
      throw refuse('--sensitivity evaluates one dry run. Remove options that apply or report a run.');
    }
    return showSensitivity(iam, userids, flags, findFaults(flags));
  }
  if (flags.schedule !== undefined) return syncOnSchedule(flags.schedule, iam, userids, flags);
  if (flags.timeZone !== undefined)
    throw refuse('--time-zone has no effect without --schedule. Remove it, or add --schedule.');
  return syncOnce(iam, userids, flags);
}

/** Options that cannot be combined with --sensitivity. */
const applyingOptions = ['schedule', 'timeZone', 'resume', 'expect', 'report', 'acceptLosses', 'acceptGains'] as const;

/** Syncs on a schedule, and continues after a failed run. Between runs, no process holds the store; each run reads the list again. */
async function syncOnSchedule(
  pattern: string | true,
  iam: string,
  userids: readonly string[],
  flags: SyncFlags,
): Promise<void> {
  if (flags.resume !== undefined) throw invalidUsage('--resume resumes a run immediately. Remove --schedule.');
  const { schedule, missedSinceMs } = await useSimulator(flags, ({ identities }) =>
    readSchedule(identities.iams.get(iam).settings, pattern === true ? undefined : pattern, flags.timeZone),
  );
  const stop = new AbortController();
  void nextSignal().then(() => stop.abort());
  const run = async () => {
    try {
      const reason = await useSimulator(flags, (simulator) => findReasonToSkipSync(simulator, iam));
      if (reason !== null) throw new CommandFailure(exitCodes.negative, makeVisibleLine(reason));
      await syncOnce(iam, userids, flags);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      process.stderr.write(`user-info: ${error.message}\n`);
      process.exitCode = error.exitCode;
    }
  };
  const onWait = (dueMs: number) => {
    if (!flags.json) printText(`Next sync: ${new Date(dueMs).toISOString()}\n`);
  };
  await runOnSchedule(schedule, run, { signal: stop.signal, onWait, missedSinceMs });
}

/** Returns the schedule of the IAM, overridden by the options. @throws {SyncError} `settings`. @throws {CommandFailure} 2 if there is no schedule. */
function readSchedule(stored: unknown, pattern: string | undefined, timeZone: string | undefined) {
  const { sync, guesses } = loadIamSettings(stored);
  const cronRule = pattern ?? sync.cronRule;
  if (cronRule === undefined) {
    throw invalidUsage('--schedule: the IAM has no sync.cronRule. Specify a pattern.');
  }
  const schedule = parseSchedule(cronRule, timeZone ?? guesses.scheduleTimeZone);
  return { schedule, missedSinceMs: guesses.missedRuns === 'run-once' ? Date.now() : null };
}

async function syncOnce(iam: string, userids: readonly string[], flags: SyncFlags): Promise<void> {
  const { expect } = flags;
  const expected = expect === undefined ? null : withoutFaults((faults) => readExpectedAccess(expect, faults));
  const faults = findFaults(flags);
  const reports = findRunReportTargets(flags.report ?? []);
  const given = flags.users === undefined ? null : await readUsers(flags.users, flags);
  const accepted = readAccepted(flags);
  await useSimulator(flags, async (simulator, by) => {
    const resumed = flags.resume === undefined ? null : simulator.runs.get(toWholeNumber('--resume', flags.resume));
    if (resumed !== null) assertAsStarted(resumed, iam, userids, flags);
    const chosen = userids.length === 0 ? null : userids;
    const list = given ?? (await readKeptList(simulator, iam, resumed));
    const result = await steered(async (control) => {
      const all = { ...control, ...(accepted && { accept: { ...accepted, by } }) };
      if (resumed !== null) return resumeSync(simulator, resumed.id, list, all);
      const scope = chosen === null ? 'all' : 'users';
      const request = { iam, scope, userids: chosen, list, dryRun: flags.dryRun === true, by } as const;
      return runSync(simulator, { ...request, ...(faults && { faults }) }, all);
    });
    if (result === null) return;
    await finish(simulator, result, expected, flags);
    writeRunReports(reports, simulator.runs, result.run.id, result.ending);
  });
}

/** Throws if an option would have no effect on a resumed run, which continues as it was started. @throws {CommandFailure} 2. */
function assertAsStarted(run: Run, iam: string, userids: readonly string[], { dryRun }: SyncFlags): void {
  const refuse = (message: string) => invalidUsage(makeVisibleLine(message));
  if (run.iam !== iam) throw refuse(`Run ${run.id} belongs to the IAM ${run.iam}, not to ${iam}. Specify that IAM.`);
  if (userids.length > 0) throw refuse('--resume continues the whole run. Remove the user names, or start a new sync.');
  if (dryRun && !run.dryRun) {
    throw refuse(
      `Run ${run.id} is not a dry run, and resuming applies it. Remove --dry-run, or start a new sync with it.`,
    );
  }
}

/** Returns the list of the IAM's settings, or of the resumed run. Null: the users in the store, or the resumed run needs no list. */
async function readKeptList(
  { identities, runs }: Simulator,
  iam: string,
  resumed: Run | null,
): Promise<UserList | null> {
  if (resumed !== null) {
    if (!needsList(resumed)) return null;
    const origin = runs.listOrigin(resumed.id);
    return origin === null ? readListOfSettings(resumed.settings) : readUsersAgain(origin);
  }
  return readListOfSettings(loadIamSettings(identities.iams.get(iam).settings));
}

/** Returns the numbers that the operator confirms; null: none. */
function readAccepted({ acceptLosses, acceptGains }: SyncFlags): GuardNumbers | null {
  if (acceptLosses === undefined && acceptGains === undefined) return null;
  return {
    ...(acceptLosses !== undefined && { losses: toWholeNumber('--accept-losses', acceptLosses) }),
    ...(acceptGains !== undefined && { gains: toWholeNumber('--accept-gains', acceptGains) }),
  };
}

function findFaults({ faults, seed, resume }: SyncFlags): Faults | null {
  const refuse = (message: string) => invalidUsage(makeVisibleLine(message));
  if (faults === undefined) {
    if (seed !== undefined) throw refuse('--seed has no effect without --faults. Remove it, or add --faults.');
    return null;
  }
  if (resume !== undefined) throw refuse('--faults: faults cannot be injected into a resumed run. Remove --faults.');
  try {
    return { rules: parseFaultRules(faults), seed: toWholeNumber('--seed', seed ?? '1') };
  } catch (error) {
    throw error instanceof FaultRuleError ? refuse(`--faults: ${error.message}`) : error;
  }
}

async function login(iam: string, userid: string, flags: LoginFlags): Promise<void> {
  await useSimulator(flags, async (simulator, by) => {
    const dryRun = flags.dryRun === true;
    const result = await steered((control) =>
      runSync(simulator, { iam, scope: 'login', userids: [userid], list: null, dryRun, by }, control),
    );
    if (result === null) return;
    await finish(simulator, result, null, { ...flags, tolerate: [] });
    if (result.isLoggedIn !== null && !flags.json) {
      printText(`${makeVisibleLine(`${userid} is ${result.isLoggedIn ? 'logged in' : 'refused'}.`)}\n`);
    }
    if (result.isLoggedIn === false) process.exitCode = exitCodes.negative;
  });
}

/** Runs a sync with a progress line. Ctrl-C interrupts the run, which keeps the responses so far. Null: the run failed after the interruption. */
function steered(run: (control: SyncControl) => Promise<SyncResult>): Promise<SyncResult | null> {
  const progress = createProgressLine(process.stderr);
  const startedMs = performance.now();
  let shownMs = 0;
  const onProgress = (step: SyncProgress) => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs - shownMs < progressEveryMs && step.done !== step.total) return;
    shownMs = elapsedMs;
    progress.show(wordProgress(step, elapsedMs));
  };
  return stopOnSignal((signal) => run({ signal, onProgress }).finally(() => progress.clear()));
}

/** Minimum time between updates, because a terminal cannot show thousands of updates per second. */
const progressEveryMs = 100;

function wordProgress({ phase, done, total }: SyncProgress, elapsedMs: number) {
  const rate = done / (elapsedMs / 1000);
  const leftSeconds = Math.ceil((total - done) / rate);
  const title = phase === 'applying' ? 'applying' : `requested, ${Math.round(rate)}/s, ${leftSeconds} s left`;
  return { done, total, title };
}

async function finish(
  simulator: Simulator,
  { run, ending, summary }: SyncResult,
  expected: Readonly<Record<string, ExpectedUser>> | null,
  flags: Pick<SyncFlags, 'json' | 'tolerate' | 'acceptLosses' | 'acceptGains'>,
): Promise<void> {
  const differences = expected && isComparable({ ending }) ? diffExpected(simulator.runs, run.id, expected) : null;
  if (flags.json) {
    await printRunJson(simulator.runs, run.id, { ending, ...(differences && { differences }) });
  } else {
    printText(describeRun(simulator.runs, run, summary, ending));
    if (ending === 'stopped') printText(describeUnconfirmed(summary, flags));
    if (differences) printText(describeDifferences(differences, 'as expected', ['missing', 'not expected']));
    else if (expected) printText('The expected access was not compared, because the run was not applied.\n');
  }
  const exitCode = findSyncExitCode({ ending, summary }, flags.tolerate, expected === null ? undefined : differences);
  // The signal that interrupted a run also ends the process.
  if (exitCode !== exitCodes.ok && (ending !== 'interrupted' || expected)) process.exitCode = exitCode;
}

/** Returns a line for each given number that does not match the run; empty if all match. */
function describeUnconfirmed(
  { toConfirm = {} }: RunSummary,
  { acceptLosses, acceptGains }: Pick<SyncFlags, 'acceptLosses' | 'acceptGains'>,
): string {
  const given = [
    ['--accept-losses', acceptLosses, toConfirm.losses],
    ['--accept-gains', acceptGains, toConfirm.gains],
  ] as const;
  return given
    .filter(([, number, actual]) => number !== undefined && Number(number) !== actual)
    .map(
      ([option, number, actual]) =>
        `${option} ${number} does not match this run${actual === undefined ? ', which needs no such confirmation' : `: the number is ${actual}`}.\n`,
    )
    .join('');
}

/**
 * Returns 0 only if the sync was successful, and every expected user is as expected.
 *
 * @param differences differences from the expected access; null: the access could not be compared; undefined: no access is expected.
 */
export function findSyncExitCode(
  outcome: Pick<SyncResult, 'ending' | 'summary'>,
  tolerate: readonly FailureKind[],
  differences: readonly UserDifference[] | null | undefined,
): number {
  if (outcome.ending === 'unreachable') return exitCodes.unreachable;
  const isFine = isSuccessful(outcome, tolerate) && (differences === undefined || differences?.length === 0);
  return isFine ? exitCodes.ok : exitCodes.negative;
}
