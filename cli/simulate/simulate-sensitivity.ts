// Option `--sensitivity` of `user-info simulate sync`: evaluates the same responses with each value of each assumption. Stores and applies nothing.
import type { Faults } from '../../simulator/faults/fault-rules.ts';
import { loadIamSettings } from '../../simulator/sync/iam-settings.ts';
import { findSensitivity } from '../../simulator/sync/sensitivity.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgressLine } from '../progress-line.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { printJson, printText } from '../text-table.ts';
import { describeSensitivity } from './sensitivity-text.ts';
import { type StoreFlags, useSimulator } from './simulator-command.ts';
import { readListOfSettings, readUsers, type UserListFlags } from './user-list.ts';

interface SensitivityFlags extends StoreFlags, UserListFlags {
  readonly users?: string;
}

/** @param userids only these; empty: all. @param faults to inject; null: none. */
export async function showSensitivity(
  iam: string,
  userids: readonly string[],
  flags: SensitivityFlags,
  faults: Faults | null,
): Promise<void> {
  const given = flags.users === undefined ? null : await readUsers(flags.users, flags);
  await useSimulator(flags, async (simulator, by) => {
    const stored = simulator.identities.iams.get(iam).settings;
    const list = given ?? (await readListOfSettings(loadIamSettings(stored)));
    const chosen = userids.length === 0 ? null : userids;
    const scope = chosen === null ? 'all' : 'users';
    const request = { iam, scope, userids: chosen, list, dryRun: true, by, ...(faults && { faults }) } as const;
    const progress = createProgressLine(process.stderr);
    const found = await stopOnSignal((signal) =>
      findSensitivity(simulator, request, {
        signal,
        onProgress: ({ done, total }) => progress.show({ done, total, title: 'requested' }),
      }).finally(() => progress.clear()),
    );
    if (found === null) return;
    if (flags.json) printJson(found);
    else printText(describeSensitivity(found));
    if (found.ending === 'unreachable' || found.summary.answered === 0) process.exitCode = exitCodes.unreachable;
  });
}
