// Decides whether the unit tests or the gate detect a mutant. Runs in the changed copy of the tree.
import { join } from 'node:path';
import Mocha from 'mocha';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import type { GateCase } from '../../conformance/testing/gate.ts';
import { findChecksOf, findNamedChecks, findUnitTests } from './mutated-files.ts';

/** A test as recorded in the coverage: a check at one case of the gate, or the path of a file of unit tests. */
export type TestId = string;

const checks = new Map(catalogue.flatMap((topic) => topic.checks.map((check) => [check.id, check] as const)));
const idByTitle = new Map([...checks.values()].map(({ id, title }) => [title, id]));

/** Test files are loaded once, because a file can be run again but not loaded again. */
const unitTests = new Map<string, Mocha>();

/** Loads the unit tests of a file, before any test begins: code that runs while modules are loaded belongs to no test. */
export async function loadUnitTests(file: string): Promise<void> {
  for (const test of findUnitTests(file).filter((each) => !unitTests.has(each))) {
    const mocha = new Mocha({
      reporter: class {} as unknown as Mocha.ReporterConstructor,
      timeout: 20_000,
      bail: true,
    });
    mocha.cleanReferencesAfterRun(false);
    mocha.addFile(join(import.meta.dirname, '../..', test));
    await mocha.loadFilesAsync();
    unitTests.set(test, mocha);
  }
}

/** Returns the message of the first test that fails; null: all tests pass. */
async function runUnitTests(file: string): Promise<string | null> {
  let failure: string | null = null;
  await new Promise<void>((resolve, reject) => {
    const mocha = unitTests.get(file);
    if (!mocha) return reject(new Error(`${file} is not loaded.`));
    mocha
      .run(() => resolve())
      .on('fail', (test, error: Error) => {
        failure ??= `${test.fullTitle()}: ${error.message}`;
      });
  });
  return failure;
}

export interface MutantResult {
  /** The test that detects the mutant, and its message. */
  readonly killedBy: TestId;
  readonly message: string;
}

/** How a mutant is tested. */
export interface EvaluationOptions {
  /** The tests that reach the mutant; null: all tests of the file, because the code runs while modules are loaded. */
  readonly only: ReadonlySet<TestId> | null;
  /** Whether the gate is used when no unit test detects the mutant. */
  readonly isGateUsed: boolean;
  /** Runs code without the mutant; null: a mutant that was active while modules were loaded cannot be deactivated. */
  readonly without: (<T>(run: () => Promise<T>) => Promise<T>) | null;
  /** Called before each test. */
  onTest(id: TestId): void;
}

/** Returns the test that detects a mutant of a file. The unit tests of the file must already be loaded; null: no test does. */
export async function evaluateMutant(file: string, options: EvaluationOptions): Promise<MutantResult | null> {
  const { only, onTest } = options;
  for (const test of findUnitTests(file).filter((each) => !only || only.has(each))) {
    onTest(test);
    const message = await runUnitTests(test);
    if (message !== null) return { killedBy: test, message };
  }
  return options.isGateUsed ? tryAtGate(await findTrials(file, only), options) : null;
}

/**
 * Loads the gate late, because most mutants do not need it. For each mutant in code that runs while modules are loaded, a new process would load it.
 */
const loadGate = () => import('../../conformance/testing/gate.ts');

/** A case of the gate, and the checks that are run there. */
interface Trial {
  readonly gateCase: GateCase;
  readonly ids: readonly string[];
}

/** Returns the id of a check in one case of the gate. A mutant that the check does not reach in this case cannot change its result. */
const toTestId = ({ name }: GateCase, id: string): TestId => `${name} › ${id}`;

/** Files whose work is done once per run and shared by several checks: the coverage records only the first of these checks. */
const sharedWork: ReadonlySet<string> = new Set(
  ['body-names', 'robustness', 'source-outage'].map((name) => `conformance/checks/${name}.ts`),
);

/** Returns the trials of a mutant, sorted so that those most likely to detect it come first. `only`: as in EvaluationOptions. */
async function findTrials(file: string, only: EvaluationOptions['only']): Promise<readonly Trial[]> {
  const ids = await findChecksOf(file);
  const measured = await findCases(file, ids, ids);
  if (!only) return measured.map((gateCase) => ({ gateCase, ids }));
  const reached = ids.filter((id) => measured.some((each) => only.has(toTestId(each, id))));
  return (await findCases(file, ids, reached)).flatMap((gateCase) => {
    const tried = measured.includes(gateCase) ? ids.filter((id) => only.has(toTestId(gateCase, id))) : reached;
    return tried.length === 0 ? [] : [{ gateCase, ids: sharedWork.has(file) ? ids : tried }];
  });
}

/**
 * Returns the cases of the gate on which the checks of a file are tried: the correct endpoints, and faults. The faults are those that trip one of the
 * checks or a check that the file names. If all of `reached` are about authentication, every fault of an endpoint with authentication is added. The
 * remaining cases would take hours, and few mutants are detected only by them.
 */
async function findCases(
  file: string,
  ids: readonly string[],
  reached: readonly string[],
): Promise<readonly GateCase[]> {
  const { alternativeCases, conformantCases, faultCases } = await loadGate();
  const trips = (each: GateCase, some: readonly string[]) => each.trips.some((id) => some.includes(id));
  const family = faultCases.filter((each) => trips(each, [...ids, ...findNamedChecks(file)]));
  const near = family.filter((each) => trips(each, reached));
  const isAboutAuth = reached.every((id) => checks.get(id)?.auth);
  const far = faultCases.filter(
    (each) => !near.includes(each) && (family.includes(each) || (isAboutAuth && each.auth !== 'none')),
  );
  return [...near, ...conformantCases, ...far, ...alternativeCases];
}

/**
 * Returns the first check of the trials whose result is unexpected with the mutant but as expected without it. Both are compared because some
 * endpoints respond depending on the number of requests, and a run of a few checks sends fewer.
 */
async function tryAtGate(
  trials: readonly Trial[],
  { onTest, without }: EvaluationOptions,
): Promise<MutantResult | null> {
  const { findDeviations } = await loadGate();
  const find = async ({ gateCase, ids }: Trial) => {
    const onProgress = ({ title }: { title: string }) => onTest(toTestId(gateCase, idByTitle.get(title) ?? title));
    const report = await gateCase.run({ only: ids, onProgress });
    return report.checks.length === ids.length ? findDeviations(gateCase, report) : ['No results.'];
  };
  for (const trial of trials) {
    const [deviation] = await find(trial);
    if (!deviation) continue;
    const isAlsoWithout = without !== null && (await without(() => find(trial))).length > 0;
    if (isAlsoWithout) continue;
    const id = deviation.split(':')[0] ?? '';
    return { killedBy: toTestId(trial.gateCase, id), message: `${trial.gateCase.name}: ${deviation}` };
  }
  return null;
}
