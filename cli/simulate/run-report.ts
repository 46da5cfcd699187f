// Reports of a run: formats, and options to write them.
import { escapeOrdersInJson } from '../../schemas/printable-text.ts';
import type { RunStore } from '../../simulator/sync/run-store.ts';
import type { SyncEnding } from '../../simulator/sync/run-sync.ts';
import { findReportTargets, type ReportTarget, writeReports } from '../conform/report-targets.ts';
import { withoutFaults } from '../exit-codes.ts';
import { writeRunJson } from './run-json.ts';
import { renderRunCsv } from './run-report-csv.ts';
import { renderRunHtml } from './run-report-html.ts';

export const runReportFormats = ['html', 'csv', 'json'] as const;

type RunReportFormat = (typeof runReportFormats)[number];

/** Returns the targets. Call before a run, so that no result is lost because of a missing directory. @throws {CommandFailure} 2 with all errors. */
export function findRunReportTargets(values: readonly string[]): readonly ReportTarget<RunReportFormat>[] {
  return withoutFaults((faults) => findReportTargets(values, runReportFormats, faults));
}

export function writeRunReports(
  targets: readonly ReportTarget<RunReportFormat>[],
  runs: RunStore,
  id: number,
  ending: SyncEnding,
): void {
  writeReports(targets, (format) => {
    switch (format) {
      case 'html':
        return renderRunHtml(runs, id, ending);
      case 'csv':
        return renderRunCsv(runs, id);
      case 'json':
        return escapeOrdersInJson([...writeRunJson(runs, id, { ending })].join(''));
    }
  });
}
