// Owns where the reports of a run go: what --report FORMAT=FILE means, and writing each of them.
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  isReportFormat,
  type ReportFormat,
  renderReport,
  reportFormats,
} from '../conformance/report/report-formats.ts';
import type { ConformanceReport } from '../conformance/run-conformance.ts';
import { findClosestWord, suggest } from '../schemas/closest-word.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { replaceFile } from './replace-file.ts';

/** One report that is to be written. */
export interface ReportTarget {
  readonly format: ReportFormat;
  /** `-` is stdout. */
  readonly file: string;
}

/** Why a file could not be written. To be asked before the run, so that no result is lost for want of a folder. */
export function findFileFaults(flag: string, file: string): string[] {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder(file)) return [`${flag}: ${file} is a folder.`];
  return isFolder(dirname(file)) ? [] : [`${flag}: the folder ${dirname(file)} does not exist.`];
}

function findTarget(value: string, faults: string[]): ReportTarget[] {
  const [, format = '', file = ''] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
  if (format === '' || file === '') {
    faults.push(`--report takes FORMAT=FILE, e.g. html=report.html; formats: ${reportFormats.join(', ')}.`);
    return [];
  }
  if (!isReportFormat(format)) {
    const guess = suggest(findClosestWord(format, reportFormats));
    faults.push(`--report: unknown format "${format}"${guess || '.'} Formats: ${reportFormats.join(', ')}.`);
    return [];
  }
  if (file !== '-') faults.push(...findFileFaults('--report', file));
  return [{ format, file }];
}

/** The targets that the values of --report name. All that is wrong with them is added to `faults`. */
export function findReportTargets(values: readonly string[], faults: string[]): ReportTarget[] {
  const targets = values.flatMap((value) => findTarget(value, faults));
  const files = targets.map(({ file }) => (file === '-' ? file : resolve(file)));
  const repeated = new Set(files.filter((file, index) => files.indexOf(file) !== index));
  for (const file of repeated) {
    faults.push(
      file === '-'
        ? '--report: only one report can go to stdout (-).'
        : `--report: two reports would be written to ${file}.`,
    );
  }
  return targets;
}

/** Writes every report. Throws CommandFailure, with exit code 2, after all others were written when one can't be. */
export function writeReports(targets: readonly ReportTarget[], report: ConformanceReport): void {
  const faults: string[] = [];
  for (const { format, file } of targets) {
    const text = renderReport(report, format);
    if (file === '-') process.stdout.write(text);
    else {
      try {
        replaceFile(file, text);
      } catch (error) {
        faults.push(`--report: ${file} can not be written (${(error as NodeJS.ErrnoException).code}).`);
      }
    }
  }
  if (faults.length > 0) throw new CommandFailure(exitCodes.usage, faults.join('\n'));
}
