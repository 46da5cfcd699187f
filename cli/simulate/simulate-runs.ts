// Commands `user-info simulate runs`, `undo` and `diff`: records of syncs, decisions about them, and differences between two runs.
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { diffRuns } from '../../simulator/sync/diff-runs.ts';
import type { Run } from '../../simulator/sync/run.ts';
import { endingOf, rejectRun } from '../../simulator/sync/run-decisions.ts';
import { type UndoResult, undoRun } from '../../simulator/sync/undo-run.ts';
import { findFileFaults, reportOption } from '../conform/report-targets.ts';
import { exitCodes, withoutFaults } from '../exit-codes.ts';
import { replaceFile } from '../replace-file.ts';
import { printJson, printResult, printText } from '../text-table.ts';
import { renderDiffHtml } from './run-diff-html.ts';
import { printRunJson } from './run-json.ts';
import { findRunReportTargets, runReportFormats, writeRunReports } from './run-report.ts';
import { describeAnswered, describeDifferences, describeRun } from './run-text.ts';
import {
  printTable,
  type StoreFlags,
  toWholeNumber,
  useSimulator,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';

/** Adds `runs`. */
export function addRunsCommand(simulate: Command): void {
  const runs = simulate
    .command('runs')
    .description('Records of syncs: list, show, reject, delete.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate runs list
  $ user-info simulate runs show 7
  $ user-info simulate runs show 7 --json | jq '.users[].userid'
  $ user-info simulate runs show 7 --report html=run.html --report csv=run.csv
  $ user-info simulate runs reject 8
`,
    );
  withStoreOptions(runs.command('list'))
    .description('List runs, newest first.')
    .option('--limit <number>', 'runs per page', '25')
    .action((flags: StoreFlags & { readonly limit: string }) =>
      useSimulator(flags, (simulator) => {
        const found = simulator.runs.list(toWholeNumber('--limit', flags.limit));
        const toRow = (run: Run) => [
          run.id,
          run.iam,
          run.startedAt,
          endingOf(run),
          run.summary?.asked ?? '',
          run.summary ? run.summary.created + run.summary.changed : '',
          run.source,
        ];
        const head = ['run', 'iam', 'started', 'ended', 'asked', 'changed', 'users from'];
        printTable(flags, found, head, toRow, 'No runs.');
      }),
    );
  withStoreOptions(runs.command('show <run>'))
    .description('Show a run; with --json, also show each user who changed or could not be retrieved.')
    .addOption(reportOption(runReportFormats))
    .action((id: string, flags: StoreFlags & { readonly report?: readonly string[] }) =>
      useSimulator(flags, (simulator) => {
        const run = simulator.runs.get(toWholeNumber('The run', id));
        const reports = findRunReportTargets(flags.report ?? []);
        if (reports.length > 0) return writeRunReports(reports, simulator.runs, run.id, endingOf(run));
        if (flags.json) return printRunJson(simulator.runs, run.id);
        printText(
          run.summary === null
            ? `${makeVisibleLine(`Run ${run.id} of ${run.iam} was interrupted. To resume: user-info simulate sync ${run.iam} --resume ${run.id}`)}\n`
            : describeRun(simulator.runs, run, run.summary, endingOf(run)),
        );
      }),
    );
  withActorOption(runs.command('reject <run>'))
    .description('Reject a run that the guard stopped. It can no longer be applied, and scheduled syncs run again.')
    .action((id: string, flags: StoreFlags) =>
      useSimulator(flags, (simulator, by) => {
        rejectRun(simulator, toWholeNumber('The run', id), by);
        if (!flags.json) printText(`Rejected run ${id}.\n`);
      }),
    );
  withStoreOptions(runs.command('delete <run>'))
    .description('Delete the record of a run. The changes that the run applied remain.')
    .action((id: string, flags: StoreFlags) =>
      useSimulator(flags, (simulator) => {
        simulator.runs.delete(toWholeNumber('The run', id));
        if (!flags.json) printText(`Deleted the record of run ${id}.\n`);
      }),
    );
}

/** Adds `undo`. */
export function addUndoCommand(simulate: Command): void {
  withActorOption(simulate.command('undo <run>'))
    .description(
      'Undo an applied run: remove what it added, restore what it removed, and report what cannot be restored.',
    )
    .addHelpText(
      'after',
      `
Example:
  $ user-info simulate undo 7

Later changes by people or runs remain. The next sync makes the changes again, unless the endpoint or the list is corrected.
Exit codes: 0 everything was restored, 1 something cannot be restored, 2 the run was not applied or is already undone.
`,
    )
    .action((id: string, flags: StoreFlags) =>
      useSimulator(flags, (simulator, by) => {
        const undone = undoRun(simulator, toWholeNumber('The run', id), by);
        printResult(flags, undone, () => describeUndo(undone));
        if (undone.notRestored.length > 0) process.exitCode = exitCodes.negative;
      }),
    );
}

function describeUndo({ runId, restored, deleted, notRestored, durationMs }: UndoResult): string {
  const lines = [
    `Undid run ${runId} in ${durationMs} ms: restored ${restored} ${restored === 1 ? 'user' : 'users'}, and deleted ${deleted} that the run had created.`,
    ...(notRestored.length === 0 ? [] : ['Not restored:', ...notRestored.map((reason) => `  ${reason}`)]),
    'The next sync makes the changes again, unless the endpoint or the list is corrected.',
  ];
  return `${lines.map(makeVisibleLine).join('\n')}\n`;
}

/** Adds `diff`. */
export function addDiffCommand(simulate: Command): void {
  withStoreOptions(simulate.command('diff <run> <run>'))
    .description('Compare two runs user by user: access, and whether the endpoint responded.')
    .option('--html <file>', 'also write an HTML report')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate diff 7 8
  $ user-info simulate diff 7 8 --html diff.html

Exit codes: 0 no difference; 1 a difference, or a run in which the endpoint did not return user info for any user; 2 one of the runs does not exist.
`,
    )
    .action((first: string, second: string, flags: StoreFlags & { readonly html?: string }) =>
      useSimulator(flags, (simulator) => {
        const { html } = flags;
        if (html !== undefined) withoutFaults((faults) => faults.push(...findFileFaults('--html', html)));
        const [one, other] = [toWholeNumber('The run', first), toWholeNumber('The run', second)];
        const differences = [...diffRuns(simulator.runs, one, other)];
        const runs = [simulator.runs.get(one), simulator.runs.get(other)] as const;
        // Two runs without any user info are equal, but that proves nothing.
        const isComparable = runs.every(({ summary }) => (summary?.answered ?? 0) > 0);
        if (flags.json) printJson(differences);
        else {
          const words = [`only in run ${first}`, `only in run ${second}`] as const;
          if (isComparable || differences.length > 0) printText(describeDifferences(differences, 'the same', words));
          else
            printText(
              'No differences, but this proves nothing: in at least one run, the endpoint did not return user info for any user.\n',
            );
          for (const run of runs) printText(describeAnswered(run));
          if (runs[0].iam !== runs[1].iam) {
            printText(
              `${makeVisibleLine(`Run ${one} belongs to ${runs[0].iam}, and run ${other} to ${runs[1].iam}.`)}\n`,
            );
          }
        }
        if (html !== undefined) replaceFile(html, renderDiffHtml(runs, differences));
        if (differences.length > 0 || !isComparable) process.exitCode = exitCodes.negative;
      }),
    );
}
