// Mutates files of the kit with Stryker, and returns which mutants the tests detected.
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { LogLevel, MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import type { FileResult } from './results.ts';

/** The counts of one file, and a line for each mutant that no test detected. */
export interface FileMutation {
  readonly result: FileResult;
  readonly undetected: readonly string[];
}

function describeMutant({ status, fileName, location, mutatorName, replacement }: MutantResult, root: string): string {
  const { start, end } = location;
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const shorten = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 200);
  const original = shorten(lines.slice(start.line - 1, end.line).join(' '));
  const place = `${fileName.replace(`${root}/`, '')}:${start.line}:${start.column}`;
  return `${status} ${place} ${mutatorName}: ${shorten(replacement ?? '')}   in   ${original}`;
}

/** Counts the mutants of one file by their result. */
function countMutants(mutants: readonly MutantResult[]): FileMutation {
  const count = (...statuses: MutantResult['status'][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const undetected = mutants.filter(isUndetected);
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
    undetected: undetected.map((mutant) => describeMutant(mutant, process.cwd())),
  };
}

/** Mutates files, or some lines of them, in a copy of the tree. `testRunner`: see stryker-plugin.ts. */
function runStryker(mutate: readonly string[], testRunner: 'unit' | 'gate', concurrency: number) {
  return new Stryker({
    ...{ mutate: [...mutate], testRunner, concurrency },
    plugins: [join(import.meta.dirname, 'stryker-plugin.ts')],
    ignorers: ['words'],
    // Replacing an object with `{}` is excluded, because the compiler rejects nearly all such mutants.
    mutator: { plugins: [], excludedMutations: ['ObjectLiteral'] },
    reporters: [],
    checkers: [],
    disableTypeChecks: false,
    testRunnerNodeArgs: ['--import=tsx'],
    checkerNodeArgs: ['--import=tsx'],
    timeoutMS: 60_000,
    // Some files are used by the checks of nearly every topic, which run on nearly every endpoint of the gate.
    dryRunTimeoutMinutes: 30,
    // The cast is needed for a constant enum, which only the compiler could inline.
    logLevel: 'error' as LogLevel,
    tempDirName: '.stryker-tmp',
    ignorePatterns: ['dist', 'examples', 'bench', 'server', 'simulator', 'coverage'],
  }).runMutationTest();
}

const isUndetected = ({ status }: MutantResult) => status === 'Survived' || status === 'NoCoverage';

/** Returns a text that is the same for the same mutant in two runs. */
const identify = ({ fileName, location, mutatorName, replacement }: MutantResult) =>
  JSON.stringify([fileName, location, mutatorName, replacement]);

export interface MutateOptions {
  /** How many mutants are tested in parallel. */
  readonly processes: number;
  /** Whether the gate is used for mutants that no unit test detects. Default: true. */
  readonly isGateUsed?: boolean;
}

/**
 * Mutates files, or some lines of them (`file.ts:12-20`), in a copy of the tree. The result is in the order of `files`.
 *
 * @throws {Error} when the tests fail without any mutant.
 */
export async function mutateFiles(
  files: readonly string[],
  { processes, isGateUsed = true }: MutateOptions,
): Promise<readonly FileMutation[]> {
  const byUnitTests = await runStryker(files, 'unit', processes);
  const places = byUnitTests
    .filter((mutant) => isGateUsed && isUndetected(mutant))
    .map(({ fileName, location: { start, end } }) => `${relative(process.cwd(), fileName)}:${start.line}-${end.line}`);
  const atGate = places.length === 0 ? [] : await runStryker([...new Set(places)], 'gate', processes);
  const results = new Map(atGate.map((mutant) => [identify(mutant), mutant]));
  const mutants = byUnitTests.map((mutant) => (isUndetected(mutant) && results.get(identify(mutant))) || mutant);
  const paths = files.map((file) => resolve(file.replace(/:[\d-]+$/, '')));
  return paths.map((path) => countMutants(mutants.filter(({ fileName }) => resolve(fileName) === path)));
}
