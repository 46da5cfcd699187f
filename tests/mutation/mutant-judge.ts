// Decides whether the unit tests or the gate detect a mutant. Runs in the changed copy of the tree.
import { join } from 'node:path';
import Mocha from 'mocha';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import {
  alternativeCases,
  conformantCases,
  faultCases,
  findDeviations,
  type GateCase,
} from '../../conformance/testing/gate.ts';
import { findChecksOf, findNamedChecks, findUnitTests } from './mutated-files.ts';

/** A test as the coverage knows it: the id of a check, or the path of a file of unit tests. */
export type TestId = string;

const checks = new Map(catalogue.flatMap((topic) => topic.checks.map((check) => [check.id, check] as const)));
const idByTitle = new Map([...checks.values()].map(({ id, title }) => [title, id]));

/** Loaded once: a file of tests can be run again, not loaded again. */
const unitTests = new Map<string, Mocha>();

/** Loads the unit tests of a file, before any test begins: what runs while modules are loaded belongs to none of them. */
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

/** The message of the first test that fails; null: all pass. */
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

export interface Judgement {
  /** The test that notices, and what it says. */
  readonly killedBy: TestId;
  readonly message: string;
}

/** How a change is judged. */
export interface JudgeOptions {
  /** The tests that reach the changed code; null: all of the file's, since the code runs while modules are loaded. */
  readonly only: ReadonlySet<TestId> | null;
  /** Does something with the change off; null: a change that was on while modules were loaded can't be switched off. */
  readonly without: (<T>(run: () => Promise<T>) => Promise<T>) | null;
  /** Called before each test. */
  onTest(id: TestId): void;
}

/** What notices a change of a file, whose unit tests are loaded; null: nothing. */
export async function judgeMutant(file: string, options: JudgeOptions): Promise<Judgement | null> {
  const { only, onTest } = options;
  for (const test of findUnitTests(file).filter((each) => !only || only.has(each))) {
    onTest(test);
    const message = await runUnitTests(test);
    if (message !== null) return { killedBy: test, message };
  }
  const ids = await findChecksOf(file);
  const tried = ids.filter((id) => !only || only.has(id));
  return tried.length === 0 ? null : tryAtGate(findCases(file, ids, only ? tried : null), tried, options);
}

/**
 * The endpoints of the gate on which the checks of a file are tried, those first that are likeliest to notice.
 *
 * The right ones, the faults that trip one of the checks or one that the file names, and where all are about authentication every
 * fault of that: the rest would take hours for the few changes that only they notice.
 * `tried`: leaves out where none of these applies, and where certificates are asked for if none of these is about that; null: a
 * change of what is run while loading can change what applies.
 */
function findCases(file: string, ids: readonly string[], tried: readonly string[] | null): readonly GateCase[] {
  const trips = (each: GateCase, some: readonly string[]) => each.trips.some((id) => some.includes(id));
  const isPlain = tried?.every((id) => !checks.get(id)?.auth && !checks.get(id)?.needs.includes('https')) ?? false;
  const applies = ({ auth }: GateCase) =>
    !tried ||
    (!(isPlain && (auth === 'mtls' || auth === 'both')) &&
      tried.some((id) => checks.get(id)?.auth?.includes(auth) ?? true));
  const family = faultCases.filter((each) => trips(each, [...ids, ...findNamedChecks(file)]));
  const near = family.filter((each) => trips(each, tried ?? ids));
  const isAboutAuth = (tried ?? ids).every((id) => checks.get(id)?.auth);
  const far = faultCases.filter(
    (each) => !near.includes(each) && (family.includes(each) || (isAboutAuth && each.auth !== 'none')),
  );
  return [...near, ...conformantCases, ...far, ...alternativeCases].filter(applies);
}

/**
 * The first check of these that ends as it must not, and ends as it must with the change off: some endpoints answer by the number
 * of requests, and a run of a few checks sends fewer.
 */
async function tryAtGate(
  cases: readonly GateCase[],
  ids: readonly string[],
  { onTest, without }: JudgeOptions,
): Promise<Judgement | null> {
  const find = async (gateCase: GateCase) => {
    const report = await gateCase.run({ only: ids, onProgress: ({ title }) => onTest(idByTitle.get(title) ?? title) });
    return report.checks.length === ids.length ? findDeviations(gateCase, report) : ['No results.'];
  };
  for (const gateCase of cases) {
    const [deviation] = await find(gateCase);
    if (!deviation) continue;
    const isAlsoWithout = without !== null && (await without(() => find(gateCase))).length > 0;
    if (!isAlsoWithout) return { killedBy: deviation.split(':')[0] ?? '', message: `${gateCase.name}: ${deviation}` };
  }
  return null;
}
