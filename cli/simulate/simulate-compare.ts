// Command `user-info simulate compare`: shows what would change if an IAM had another endpoint.
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { type ComparedEndpoint, compareEndpoints, withUri } from '../../simulator/sync/compare-endpoints.ts';
import { loadIamSettings } from '../../simulator/sync/iam-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgressLine } from '../progress-line.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { printJson, printText } from '../text-table.ts';
import { describeDifferences } from './run-text.ts';
import { readSettings } from './simulate-iam.ts';
import { type StoreFlags, useSimulator, withStoreOptions } from './simulator-command.ts';
import { readListOfSettings, readUsers, type UserListFlags, withUsersOption } from './user-list.ts';

interface CompareFlags extends StoreFlags, UserListFlags {
  readonly with: string;
  readonly users?: string;
}

/** Adds `compare`. */
export function addCompareCommand(simulate: Command): void {
  withUsersOption(withStoreOptions(simulate.command('compare <iam>')))
    .description(
      'Request the same users from the endpoint of an IAM and from a second endpoint, and show the differences.',
    )
    .requiredOption(
      '--with <url|file>',
      'the other endpoint: its URI, used with the credentials of the IAM, or a settings file',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate compare okta --with https://new.example.com/user-info
  $ user-info simulate compare okta --with new-endpoint.yaml --users users.csv

Nothing is stored or applied. Ctrl-C terminates the command with the signal; shells show exit code 130.
Exit codes: 0 no difference, 1 a difference, 2 an option, a file or a setting is invalid, 3 an endpoint did not return user info for any user.
`,
    )
    .action(compare);
}

async function compare(iam: string, flags: CompareFlags): Promise<void> {
  const isUri = /^https?:\/\//.test(flags.with);
  const settings = isUri ? null : readSettings(flags.with);
  const given = flags.users === undefined ? null : await readUsers(flags.users, flags);
  await useSimulator(flags, async (simulator) => {
    const stored = simulator.identities.iams.get(iam).settings;
    const list = given ?? (await readListOfSettings(loadIamSettings(stored)));
    const other = settings ?? withUri(stored, flags.with);
    const progress = createProgressLine(process.stderr);
    const comparison = await stopOnSignal((signal) =>
      compareEndpoints(simulator, iam, other, list, {
        signal,
        onProgress: ({ done, total }) => progress.show({ done, total, title: 'compared' }),
      }).finally(() => progress.clear()),
    );
    if (comparison === null) return;
    const { users, differences } = comparison;
    if (flags.json) printJson(comparison);
    else {
      printText(describeDifferences(differences, 'the same', ['only old', 'only new']));
      printText(describeEndpoint('Old', comparison.old, users));
      printText(describeEndpoint('New', comparison.new, users));
    }
    if (comparison.old.answered === 0 || comparison.new.answered === 0) process.exitCode = exitCodes.unreachable;
    else if (differences.length > 0) process.exitCode = exitCodes.negative;
  });
}

function describeEndpoint(name: string, { uri, answered, latency }: ComparedEndpoint, users: number): string {
  const times = latency === null ? '' : `; p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`;
  return `${makeVisibleLine(`${name}: ${uri} returned user info for ${answered} of ${users} users${times}.`)}\n`;
}
