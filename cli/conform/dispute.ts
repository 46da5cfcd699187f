// Command `user-info dispute`: a prefilled report that disputes a finding, from a JSON report of `user-info conform`.
import type { Command } from 'commander';
import { isViolation } from '../../conformance/fail-on.ts';
import { renderDispute } from '../../conformance/report/dispute-report.ts';
import { readReport } from '../../conformance/report/read-report.ts';
import type { ConformanceReport } from '../../conformance/run-conformance.ts';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { invalidUsage, withoutFaults } from '../exit-codes.ts';
import { replaceFile } from '../replace-file.ts';

/** Adds `dispute`. */
export function addDisputeCommand(program: Command): void {
  program
    .command('dispute')
    .description('Write a prefilled report that disputes a finding, from a JSON report of `user-info conform`.')
    .argument('<report>', 'the report, JSON')
    .argument('<check>', 'id of the check')
    .option('--because <text>', 'your reason (default: a placeholder)')
    .option('--output <file>', 'write to this file (default: stdout)')
    .addHelpText('after', help)
    .action(dispute);
}

const help = `
Examples:
  $ user-info dispute report.json userid-accents-refused
  $ user-info dispute report.json userid-accents-refused --because 'Our directory ignores accents.' --output dispute.md

The text contains the check, the version and clauses of the contract, and the evidence. User ids and secrets are replaced with shell variables, and the
address of the endpoint with a placeholder. You can therefore share the text.
Exit codes: 0 success; 2 the report cannot be read, or it has no finding of this check.
`;

/** Returns why there is nothing to dispute; null: the check has a finding. */
export function findDisputeFault(id: string, { checks }: ConformanceReport): string | null {
  const findings = checks.filter(isViolation).map((check) => check.id);
  if (findings.includes(id)) return null;
  const check = checks.find((each) => each.id === id);
  if (check) return `${id} has the status ${check.status} in this report: there is no finding to dispute.`;
  const guess = suggest(findClosestWord(id, findings));
  return `The report contains no check "${id}"${guess || '.'} Its findings: ${findings.join(', ') || 'none'}.`;
}

function dispute(
  file: string,
  id: string,
  { because, output }: { readonly because?: string; readonly output?: string },
): void {
  const report = withoutFaults((faults) => readReport(file, faults));
  const fault = findDisputeFault(id, report);
  if (fault !== null) throw invalidUsage(fault);
  const text = renderDispute(report, id, because);
  if (output === undefined) process.stdout.write(text);
  else writeDispute(output, text);
}

/** Writes a dispute. Throws CommandFailure if the file cannot be written. */
export function writeDispute(file: string, text: string): void {
  try {
    replaceFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidUsage(`${file} cannot be written (${code}). Check that its directory exists and is writable.`);
  }
}
