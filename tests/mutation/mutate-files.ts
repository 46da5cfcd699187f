// Mutates files of the kit with Stryker, and returns which mutants the tests detected.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LogLevel, MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import type { FileResult } from './results.ts';

/** The counts of one file, and a line for each change that no test noticed. */
export interface FileMutation {
  readonly result: FileResult;
  readonly unnoticed: readonly string[];
}

function describeMutant({ status, fileName, location, mutatorName, replacement }: MutantResult, root: string): string {
  const { start, end } = location;
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const shorten = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 200);
  const original = shorten(lines.slice(start.line - 1, end.line).join(' '));
  const place = `${fileName.replace(`${root}/`, '')}:${start.line}:${start.column}`;
  return `${status} ${place} ${mutatorName}: ${shorten(replacement ?? '')}   in   ${original}`;
}

/** What came of the changes of one file. */
function countMutants(mutants: readonly MutantResult[]): FileMutation {
  const count = (...statuses: MutantResult['status'][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const unnoticed = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  return {
    result: {
      date: new Date().toISOString().slice(0, 10),
      killed: count('Killed'),
      timedOut: count('Timeout'),
      survived: count('Survived'),
      notReached: count('NoCoverage'),
      failed: count('RuntimeError', 'CompileError'),
      ignored: count('Ignored'),
    },
    unnoticed: unnoticed.map((mutant) => describeMutant(mutant, process.cwd())),
  };
}

/**
 * Changes files, or some lines of them (`file.ts:12-20`), in a copy of the tree. `processes`: how many changes are judged at once.
 * The result is in the order of `files`.
 *
 * @throws {Error} when the tests fail without any change.
 */
export async function mutateFiles(files: readonly string[], processes: number): Promise<readonly FileMutation[]> {
  const mutants = await new Stryker({
    mutate: [...files],
    testRunner: 'gate',
    plugins: [join(import.meta.dirname, 'stryker-plugin.ts')],
    ignorers: ['words'],
    // `{}` in place of an object: the compiler refuses nearly all of them.
    mutator: { plugins: [], excludedMutations: ['ObjectLiteral'] },
    reporters: [],
    checkers: [],
    disableTypeChecks: false,
    concurrency: processes,
    testRunnerNodeArgs: ['--import=tsx'],
    checkerNodeArgs: ['--import=tsx'],
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 10,
    // A constant enum, which only the compiler could inline.
    logLevel: 'error' as LogLevel,
    tempDirName: '.stryker-tmp',
    ignorePatterns: ['dist', 'examples', 'bench', 'server', 'simulator', 'coverage'],
  }).runMutationTest();
  const paths = files.map((file) => resolve(file.replace(/:[\d-]+$/, '')));
  return paths.map((path) => countMutants(mutants.filter(({ fileName }) => resolve(fileName) === path)));
}
