// Command `user-info compare`: lists what got better and worse between two conformance reports.
import type { Command } from 'commander';
import { isIncluded } from '../../conformance/fail-on.ts';
import { compareReports, type ReportChange, type ReportComparison } from '../../conformance/report/compare-reports.ts';
import { readReport } from '../../conformance/report/read-report.ts';
import { impacts, verdictTexts } from '../../conformance/report/report-parts.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import { exitCodes, invalidUsage } from '../exit-codes.ts';
import { type Colors, colorsFor } from '../terminal-colors.ts';
import { printResult } from '../text-table.ts';

/** Adds `compare`. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('Compare two JSON reports of `user-info conform`: improvements, regressions and new checks.')
    .argument('<before>', 'the earlier report, JSON')
    .argument('<after>', 'the later report, JSON')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(compare);
}

const help = `
Examples:
  $ user-info compare yesterday.json today.json
  $ user-info compare yesterday.json today.json --json | jq '.worse[].check'

A check is worse if it found a new or more severe violation, or if it no longer has a result, because a missing result could hide a violation. Checks
that the earlier report does not contain are new. Warnings change the exit code only if --fail-on of the later run includes them.
Exit codes: 0 no regressions, 1 regressions, 2 a report cannot be read.
`;

function compare(before: string, after: string, { json = false }: { readonly json?: boolean }): void {
  const faults: string[] = [];
  const [earlier, later] = [readReport(before, faults), readReport(after, faults)];
  if (!earlier || !later) throw invalidUsage(faults.join('\n'));
  const comparison = compareReports(earlier, later);
  printResult({ json }, comparison, () => describe(comparison));
  const counting = comparison.worse.filter(({ ruleSet }) => isIncluded(ruleSet, later.failOn));
  process.exitCode = counting.length > 0 ? exitCodes.negative : exitCodes.ok;
}

const standingWords: Readonly<Record<ReportChange['before'], string>> = {
  passed: 'passed',
  failed: 'failed',
  warning: 'was a warning',
  info: 'was an info',
  untestable: 'was untestable',
  skipped: 'was skipped',
  error: 'was in error',
  absent: 'was missing',
};

/** Returns "failed, passed before", or "failed" for a new check. */
function describeChange({ check, title, before, after, impact }: ReportChange, isNew: boolean): string {
  const isFinding = [before, after].some((standing) => ['failed', 'warning', 'info'].includes(standing));
  const meaning = isFinding ? ` (${impacts[impact].name})` : '';
  const was = isNew ? '' : `, ${standingWords[before]} before`;
  return `  ${makeVisible(check)}: ${standingWords[after]}${was}${meaning}\n    ${makeVisible(title)}`;
}

function describe({ differences, verdict, worse, better, added, unchanged }: ReportComparison): string {
  const colors = colorsFor(process.stdout);
  const section = (title: string, color: Colors['red'], changes: readonly ReportChange[], isNew = false) =>
    changes.length === 0
      ? []
      : [color(`${title} (${changes.length})`), ...changes.map((change) => describeChange(change, isNew)), ''];
  const notes = differences.map((difference) => colors.yellow(makeVisible(`The runs differ in ${difference}.`)));
  return [
    ...(notes.length > 0 ? [...notes, ''] : []),
    ...section('Worse', colors.red, worse),
    ...section('Better', colors.green, better),
    ...section('New', colors.bold, added, true),
    `Before: ${verdictTexts[verdict.before]}. Now: ${verdictTexts[verdict.after]}. ${worse.length} worse, ${better.length} better, ${added.length} new, ${unchanged} unchanged.`,
    '',
  ].join('\n');
}
