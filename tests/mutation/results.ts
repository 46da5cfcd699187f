// Committed results of mutation testing: structure, reader and writer.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutatedFiles } from './mutated-files.ts';

const resultsFile = join(import.meta.dirname, 'results.json');

/** Counts of the mutants of one file. */
export interface FileResult {
  /** Date of the measurement, as YYYY-MM-DD. */
  readonly date: string;
  /** Detected by a test. */
  readonly killed: number;
  /** Detected, because a test did not end. */
  readonly timedOut: number;
  readonly survived: number;
  /** Mutants in code that no test reaches. */
  readonly notReached: number;
  /** Not testable: the process ended. Not part of a score. */
  readonly failed: number;
  /** Texts for people, or rejected by the compiler: not tested, and not part of a score. */
  readonly ignored: number;
}

/** File → its result, in the order of `mutatedFiles`. */
export type MutationResults = Readonly<Record<string, FileResult>>;

/** Returns the latest results. */
export function readMutationResults(): MutationResults {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
}

/** Replaces the result of one file, and removes those of files that are no longer mutated. */
export function writeMutationResult(file: string, result: FileResult): void {
  const results = { ...readMutationResults(), [file]: result };
  const sorted = mutatedFiles.flatMap((each) => (results[each] ? [[each, results[each]]] : []));
  writeFileSync(resultsFile, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

/** Returns how many mutants were detected, and how many were tested. */
export function scoreResults(results: readonly FileResult[]): { readonly detected: number; readonly tested: number } {
  const sum = (count: (result: FileResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const detected = sum(({ killed, timedOut }) => killed + timedOut);
  return { detected, tested: detected + sum(({ survived, notReached }) => survived + notReached) };
}
