// Stryker plug-in: a runner that keeps one process for many mutants, and the list of ignored ones.
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import type { MutantResult, TestId } from './evaluate-mutant.ts';
import { findIgnoreReason, type NodePath } from './ignore-words.ts';

// The mutated code reads from here which mutant is active, and records here which code was reached.
const globals = globalThis as typeof globalThis & { __stryker__?: InstrumenterContext };
globals.__stryker__ ??= {};
const context = globals.__stryker__;

/**
 * Loads the module from the changed copy, in which Stryker starts the process. It is loaded late because a mutant in code that runs at loading time
 * must already be active.
 */
function loadEvaluator(): Promise<typeof import('./evaluate-mutant.ts')> {
  return import(pathToFileURL(join(process.cwd(), 'tests/mutation/evaluate-mutant.ts')).href);
}

async function prepareEvaluator(file: string): ReturnType<typeof loadEvaluator> {
  const evaluator = await loadEvaluator();
  await evaluator.loadUnitTests(file);
  return evaluator;
}

const toProjectPath = (sandboxFile: string) => relative(process.cwd(), sandboxFile);

async function runWithoutMutant<T>(run: () => Promise<T>): Promise<T> {
  const { activeMutant } = context;
  delete context.activeMutant;
  try {
    return await run();
  } finally {
    if (activeMutant !== undefined) context.activeMutant = activeMutant;
  }
}

class MutantRunner implements TestRunner {
  readonly #isGateUsed: boolean;

  constructor(isGateUsed: boolean) {
    this.#isGateUsed = isGateUsed;
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun({ files = [] }: DryRunOptions): Promise<DryRunResult> {
    const times = new Map<TestId, number>();
    let failure: MutantResult | null = null;
    const { evaluateMutant, loadUnitTests } = await loadEvaluator();
    for (const file of files) await loadUnitTests(toProjectPath(file));
    for (const file of files.map(toProjectPath)) {
      let last = performance.now();
      const onTest = (id: TestId) => {
        const now = performance.now();
        const before = context.currentTestId;
        if (before !== undefined) times.set(before, (times.get(before) ?? 0) + now - last);
        times.set(id, times.get(id) ?? 0);
        last = now;
        context.currentTestId = id;
      };
      failure ??= await evaluateMutant(file, {
        ...{ only: null, isGateUsed: this.#isGateUsed, onTest },
        without: (run) => run(),
      });
    }
    if (failure) return { status: DryRunStatus.Error, errorMessage: `${failure.killedBy}: ${failure.message}` };
    return {
      status: DryRunStatus.Complete,
      tests: [...times].map(([id, timeSpentMs]) => ({ id, name: id, timeSpentMs, status: TestStatus.Success })),
      mutantCoverage: context.mutantCoverage ?? { static: {}, perTest: {} },
    };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, mutantActivation, sandboxFileName } = options;
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
    const file = toProjectPath(sandboxFileName);
    const evaluator = await prepareEvaluator(file).catch((error: unknown) => String(error));
    if (typeof evaluator === 'string') {
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: evaluator, nrOfTests: 0 };
    }
    context.activeMutant = activeMutant.id;
    if (hitLimit !== undefined) Object.assign(context, { hitLimit, hitCount: 0 });
    const result = await evaluator.evaluateMutant(file, {
      only: testFilter ? new Set(testFilter) : null,
      isGateUsed: this.#isGateUsed,
      without: mutantActivation === 'static' ? null : runWithoutMutant,
      onTest: () => {},
    });
    const timeout = determineHitLimitReached(context.hitCount, hitLimit);
    if (timeout) return { status: MutantRunStatus.Timeout, ...(timeout.reason ? { reason: timeout.reason } : {}) };
    if (!result) return { status: MutantRunStatus.Survived, nrOfTests: testFilter?.length ?? 1 };
    return {
      status: MutantRunStatus.Killed,
      killedBy: [result.killedBy],
      failureMessage: result.message,
      nrOfTests: 1,
    };
  }
}

const createUnitRunner = () => new MutantRunner(false);
createUnitRunner.inject = [] as const;
const createGateRunner = () => new MutantRunner(true);
createGateRunner.inject = [] as const;

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'unit', createUnitRunner),
  declareFactoryPlugin(PluginKind.TestRunner, 'gate', createGateRunner),
  declareValuePlugin(PluginKind.Ignore, 'words', {
    shouldIgnore: (path) => findIgnoreReason(path as NodePath),
  }),
];
