// Command `user-info simulate load`: measures the endpoint's capacity, and exports the same load as a k6 script.
import { type Command, InvalidArgumentError } from 'commander';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { maxTimeLimitMs } from '../../schemas/time-limit.ts';
import { writeK6Script } from '../../simulator/load/k6-script.ts';
import type { LoadMode, StageResult } from '../../simulator/load/load-stage.ts';
import { type LoadResult, runLoad } from '../../simulator/load/run-load.ts';
import type { Simulator } from '../../simulator/open-simulator.ts';
import { loadIamSettings, readClientCredentials } from '../../simulator/sync/iam-settings.ts';
import { listUserids } from '../../simulator/sync/stored-users.ts';
import { findFileFaults, findReportTargets, reportOption, writeReports } from '../conform/report-targets.ts';
import { exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { createProgressLine } from '../progress-line.ts';
import { replaceFile } from '../replace-file.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { printResult, printText } from '../text-table.ts';
import { renderLoadHtml } from './load-report-html.ts';
import { describeLoad } from './load-text.ts';
import { type StoreFlags, useSimulator, withStoreOptions } from './simulator-command.ts';
import { readListOfSettings, readUsers, type UserListFlags, withUsersOption } from './user-list.ts';

interface LoadFlags extends StoreFlags, UserListFlags {
  readonly users?: string;
  readonly open?: boolean;
  readonly levels?: readonly number[];
  readonly seconds: number;
  readonly connections: number;
  readonly maxP99: number;
  readonly report?: readonly string[];
  readonly exportK6?: string;
}

const formats = ['html', 'json'] as const;

/** Levels of a script, if none are given. */
const scriptLevels: Readonly<Record<LoadMode, readonly number[]>> = {
  closed: [1, 2, 4, 8, 16, 32, 64],
  open: [50, 100, 200, 400, 800, 1600],
};

const help = `
Examples:
  Closed model: concurrent users, doubled until the throughput no longer grows:
    $ user-info simulate load okta --users users.csv
  Open model: a fixed number of requests per second, independent of responses, as if from many platforms:
    $ user-info simulate load okta --users users.csv --open --levels 100,500,1000 --seconds 30
  The same load from any number of machines:
    $ user-info simulate load okta --users users.csv --open --levels 5000 --export-k6 load.js

The store is not changed. Response times start when a request is due, so the time spent waiting behind slow requests is included.
Load only systems that you are allowed to load.
Exit codes: 0 done, 1 not even the first level was sustained, or the endpoint did not return user info for any user, 2 an option, a file or a setting is
invalid.
`;

/** Adds `load`. */
export function addLoadCommand(simulate: Command): void {
  withUsersOption(withStoreOptions(simulate.command('load <iam>')))
    .description("Increase the load on an IAM's endpoint until it is saturated.")
    .option('--open', 'levels are requests per second, independent of responses (default: concurrent users)')
    .option(
      '--levels <numbers>',
      'levels, ascending, separated by commas (default: doubled until the endpoint is saturated)',
      toLevels,
    )
    .option('--seconds <number>', 'duration of each level in seconds, 1 to 86400 (one day)', toSeconds, 10)
    .option('--connections <number>', 'maximum number of connections, for --open', toPositive, 256)
    .option(
      '--max-p99 <ms>',
      '99th-percentile response time in ms above which a level counts as failed, at most 9999999',
      toPositive,
      1000,
    )
    .addOption(reportOption(formats))
    .option('--export-k6 <file>', 'write the load as a k6 script instead of running it')
    .addHelpText('after', help)
    .action(load);
}

function toPositive(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Specify a whole number.');
  const number = Number(text);
  if (number === 0) throw new InvalidArgumentError('Specify a number of at least 1.');
  return number;
}

/** Parses a number of seconds. Values far over one day would overflow the timers of a stage, which count in ms, so one day is the limit. */
function toSeconds(text: string): number {
  const seconds = toPositive(text);
  if (seconds > maxTimeLimitMs / 1000)
    throw new InvalidArgumentError('Specify a number of seconds from 1 to 86400 (one day).');
  return seconds;
}

function toLevels(text: string): readonly number[] {
  const levels = text.split(',').map((part) => toPositive(part.trim()));
  if (levels.some((level, index) => level <= (levels[index - 1] ?? 0))) {
    throw new InvalidArgumentError('Specify the levels in ascending order.');
  }
  return levels;
}

async function load(iam: string, flags: LoadFlags): Promise<void> {
  const targets = withoutFaults((faults) => {
    if (flags.exportK6 !== undefined) faults.push(...findFileFaults('--export-k6', flags.exportK6));
    return findReportTargets(flags.report ?? [], formats, faults);
  });
  await useSimulator(flags, async (simulator) => {
    const settings = loadIamSettings(simulator.identities.iams.get(iam).settings);
    const userids = await findUserids(simulator, iam, settings, flags);
    const mode: LoadMode = flags.open ? 'open' : 'closed';
    const common = { settings, mode, seconds: flags.seconds, maxP99Ms: flags.maxP99, userids };
    if (flags.exportK6 !== undefined) {
      replaceFile(flags.exportK6, writeK6Script({ ...common, levels: flags.levels ?? scriptLevels[mode] }));
      if (!flags.json) printText(`Run it: k6 run ${makeVisibleLine(flags.exportK6)}\n`);
      return;
    }
    const credentials = readClientCredentials(settings.externalUserInfo);
    const result = await steered(flags.levels ?? null, (signal, onStage) =>
      runLoad(
        { ...common, credentials, levels: flags.levels ?? null, connections: flags.connections },
        signal,
        onStage,
      ),
    );
    if (result === null) return;
    printResult(flags, result, () => describeLoad(result));
    const uri = settings.externalUserInfo.uri;
    writeReports(targets, (format) =>
      format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : renderLoadHtml(result, uri, simulator.now()),
    );
    if (result.knee.level === null) process.exitCode = exitCodes.negative;
  });
}

/** Returns the users whom a sync of all users requests. */
async function findUserids(
  simulator: Simulator,
  iam: string,
  settings: LoadedIamSettings,
  flags: LoadFlags,
): Promise<readonly string[]> {
  const list = flags.users === undefined ? await readListOfSettings(settings) : await readUsers(flags.users, flags);
  const userids = listUserids(simulator, iam, list, settings.normalizeUserId);
  if (userids.length > 0) return userids;
  throw invalidUsage(`There are no users to request. Specify --users, or synchronize ${makeVisibleLine(iam)} first.`);
}

/** Returns null if a signal ended the work; the signal then stops the process. */
async function steered(
  levels: readonly number[] | null,
  run: (signal: AbortSignal, onStage: (stage: StageResult) => void) => Promise<LoadResult>,
): Promise<LoadResult | null> {
  const progress = createProgressLine(process.stderr);
  let done = 0;
  const onStage = ({ level, answersPerSecond }: StageResult) => {
    done++;
    progress.show({
      done,
      total: levels?.length ?? null,
      title: `level ${level}: ${answersPerSecond} responses per second`,
    });
  };
  return stopOnSignal((signal) => run(signal, onStage).finally(() => progress.clear()));
}
