// Committed results of mutation testing: shape, reader and writer.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutatedFiles } from './mutated-files.ts';

const resultsFile = join(import.meta.dirname, 'results.json');

/** Of one file: counts of changes. */
export interface FileResult {
  /** When it was measured, as YYYY-MM-DD. */
  readonly date: string;
  /** Noticed by a test. */
  readonly killed: number;
  /** Noticed, since a test did not come to its end. */
  readonly timedOut: number;
  readonly survived: number;
  /** In code that no test reaches. */
  readonly notReached: number;
  /** Could not be judged: the process died of it. Counted in no score. */
  readonly failed: number;
  /** Of words for people, or refused by the compiler: not tried, and counted in no score. */
  readonly ignored: number;
}

/** File → its result, in the order of `mutatedFiles`. */
export type MutationResults = Readonly<Record<string, FileResult>>;

/** What was measured last. */
export function readMutationResults(): MutationResults {
  return existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
}

/** Puts the result of one file in the place of its last one; drops those of files that are changed no more. */
export function writeMutationResult(file: string, result: FileResult): void {
  const results = { ...readMutationResults(), [file]: result };
  const sorted = mutatedFiles.flatMap((each) => (results[each] ? [[each, results[each]]] : []));
  writeFileSync(resultsFile, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

/** How many of the changes were noticed, and of how many. */
export function scoreResults(results: readonly FileResult[]): { readonly noticed: number; readonly tried: number } {
  const sum = (count: (result: FileResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const noticed = sum(({ killed, timedOut }) => killed + timedOut);
  return { noticed, tried: noticed + sum(({ survived, notReached }) => survived + notReached) };
}
