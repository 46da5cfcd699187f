// Targets of reports: parses --report FORMAT=FILE and writes each report.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Option } from 'commander';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { invalidUsage } from '../exit-codes.ts';
import { collect } from '../repeatable-options.ts';
import { replaceFile } from '../replace-file.ts';

export function reportOption(formats: readonly string[]): Option {
  const description = `write a report; repeatable; - is stdout; formats: ${formats.join(', ')}`;
  return new Option('--report <format=file>', description).argParser(collect);
}

/** One report to write. */
export interface ReportTarget<Format extends string> {
  readonly format: Format;
  /** `-` is stdout. */
  readonly file: string;
}

/** Returns why a file cannot be written. Called before the run, so that no result is lost because of a missing directory. */
export function findFileFaults(flag: string, file: string): string[] {
  const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isDirectory(file)) return [`${flag}: ${file} is a directory.`];
  return isDirectory(dirname(file)) ? [] : [`${flag}: the directory ${dirname(file)} does not exist.`];
}

/** Creates a directory that only its owner can read, if it does not exist. @throws {CommandFailure} if files cannot be written to it. */
export function makeDirectory(flag: string, directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidUsage(`${flag}: files cannot be written to ${directory} (${code}). Choose another directory.`);
  }
}

function findTarget<Format extends string>(
  value: string,
  formats: readonly Format[],
  faults: string[],
): ReportTarget<Format>[] {
  const isFormat = (word: string): word is Format => (formats as readonly string[]).includes(word);
  const [, format = '', file = ''] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
  if (format === '' || file === '') {
    faults.push(`--report takes FORMAT=FILE, e.g. html=report.html; formats: ${formats.join(', ')}.`);
    return [];
  }
  if (!isFormat(format)) {
    const guess = suggest(findClosestWord(format, formats));
    faults.push(`--report: unknown format "${format}"${guess || '.'} Formats: ${formats.join(', ')}.`);
    return [];
  }
  if (file !== '-') faults.push(...findFileFaults('--report', file));
  return [{ format, file }];
}

/** Returns the targets in the values of --report. All errors are added to `faults`. */
export function findReportTargets<Format extends string>(
  values: readonly string[],
  formats: readonly Format[],
  faults: string[],
): ReportTarget<Format>[] {
  const targets = values.flatMap((value) => findTarget(value, formats, faults));
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

/** Writes every report. Throws CommandFailure with exit code 2 if one cannot be written, after all others were written. */
export function writeReports<Format extends string>(
  targets: readonly ReportTarget<Format>[],
  render: (format: Format) => string,
): void {
  const faults: string[] = [];
  for (const { format, file } of targets) {
    const text = render(format);
    if (file === '-') process.stdout.write(text);
    else {
      try {
        replaceFile(file, text);
      } catch (error) {
        faults.push(
          `--report: ${file} cannot be written (${(error as NodeJS.ErrnoException).code}). Check that its directory exists and is writable.`,
        );
      }
    }
  }
  if (faults.length > 0) throw invalidUsage(faults.join('\n'));
}
