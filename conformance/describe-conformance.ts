// The kit in a test suite: one `it` per check, for mocha or any runner with its `describe` and `it`.
import { AssertionError } from 'chai';
import type { RuleSet } from '../schemas/generated/conformance-report.ts';
import type { Check } from './check.ts';
import { type CheckContext, createCheckContext } from './check-context.ts';
import { catalogue } from './checks/catalogue.ts';
import { confirmFailure } from './confirm-failure.ts';
import { type CheckedOptions, type ConformanceOptions, checkOptions } from './conformance-options.ts';
import { findCustomCheckFaults, withCustomChecks } from './define-check.ts';
import { failsRun } from './fail-on.ts';
import { findObstacle } from './probe.ts';
import { runCheck, toOutcome } from './run-check.ts';
import { type CheckSelection, findSelectionFaults, selectChecks } from './select-checks.ts';

/** `describe` and `it` of a test runner, e.g. mocha, node:test, Vitest or Jest. */
export interface TestRunner {
  describe(title: string, define: () => void): unknown;
  /**
   * Defines a test, which fails with the error that its function throws or rejects with. Runners without a time limit per test ignore `timeoutMs`.
   */
  it(title: string, test: (...given: unknown[]) => Promise<void>, timeoutMs?: number): unknown;
}

/** Options of the suite. */
export interface ConformanceSuiteOptions extends CheckSelection {
  /** Title of the suite. Default: "the user info endpoint". */
  readonly title?: string | undefined;
  /**
   * Which rule sets fail tests: `standards` includes `contract`, `hardening` both. Other violations are skipped with their message. Default: contract.
   */
  readonly failOn?: RuleSet | undefined;
  /** Additional checks, created by defineCheck. */
  readonly customChecks?: readonly Check[] | undefined;
  /** Default: the globals `describe` and `it`. */
  readonly runner?: TestRunner | undefined;
}

const suiteOptions = ['failOn', 'only', 'skip'] as const;
type EndpointOptions = Omit<ConformanceOptions, (typeof suiteOptions)[number]>;

/** @throws {ConformanceOptionsError} with all errors, also for options of the suite, which would have no effect here. */
function checkEndpointOptions(options: EndpointOptions): CheckedOptions {
  const misplaced = suiteOptions.filter((name) => (options as ConformanceOptions)[name] !== undefined);
  const faults = misplaced.map(
    (name) => `${name} has no effect here. Move it to the second argument of describeConformance.`,
  );
  return checkOptions(options, faults);
}

/** Requests have their own limits, but pauses after a 429 and between failed logins add up. */
const checkTimeoutMs = 600_000;

function findRunner(): TestRunner {
  const { describe, it } = globalThis as unknown as Partial<TestRunner>;
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new TypeError(
      'describeConformance did not find the global functions `describe` and `it`. Call it in a test file, or pass the functions of your test runner: { runner: { describe, it } }.',
    );
  }
  return { describe, it };
}

/** Skips a running test, with the reason if the runner supports it. If the runner cannot skip tests, the test passes. */
function skip(self: unknown, [given]: readonly unknown[], why: string): void {
  for (const candidate of [self, given]) {
    const test = candidate as { skip?: (why: string) => void } | undefined;
    if (typeof test?.skip === 'function') {
      test.skip(why);
      return;
    }
  }
}

/**
 * Defines one suite per topic and one test per check. A violation in a rule set of `failOn` fails its test, and so does an error of the kit.
 * Other violations, and checks that do not apply or could not be run, are skipped with their message.
 *
 * @param options options of runConformance, or a function that returns them. The function is called once before the first check, when the endpoint is
 * running. `failOn`, `only` and `skip` are in `suite`, because the tests are defined earlier.
 * @throws {ConformanceOptionsError} in every test, with all errors in the options.
 * @throws {TypeError} immediately if there is no runner, `only` or `skip` is wrong, they select nothing, or the id of a custom check is not unique.
 */
export function describeConformance(
  options: EndpointOptions | (() => EndpointOptions | Promise<EndpointOptions>),
  suite: ConformanceSuiteOptions = {},
): void {
  const { title = 'the user info endpoint', failOn = 'contract', runner = findRunner() } = suite;
  const topics = withCustomChecks(catalogue, suite.customChecks);
  const selectionFaults = [
    ...findCustomCheckFaults(catalogue, suite.customChecks),
    ...findSelectionFaults(topics, suite),
  ];
  if (selectionFaults.length > 0) throw new TypeError(selectionFaults.join('\n'));
  let preparing: Promise<CheckContext> | undefined;
  let obstacle: string | null = null;

  async function prepare(): Promise<CheckContext> {
    const context = createCheckContext(checkEndpointOptions(typeof options === 'function' ? await options() : options));
    obstacle = await findObstacle(context, context.options.url.protocol);
    return context;
  }

  /** Returns why the test of a check is skipped; null: it passed. Throws if it failed. */
  async function runTest(check: Check): Promise<string | null> {
    preparing ??= prepare();
    const context = await preparing;
    if (obstacle !== null) throw new Error(obstacle);
    const error: unknown = await runCheck(check, context).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const { status, message } = toOutcome(error, check);
    if (status === 'passed') return null;
    // Repeating wrong credentials would use failed logins that later tests need.
    if (status === 'failed' && !check.needs.includes('basic-credentials')) {
      const { kind, sentence } = await confirmFailure(check, context, error);
      if (kind === 'limited') return sentence;
      if (kind !== 'confirmed') throw new AssertionError(`${message}\n${sentence}`);
    }
    if (failsRun({ status, ruleSet: check.ruleSet }, { failOn })) throw error;
    if (status === 'error') throw new Error(message);
    return message;
  }

  runner.describe(title, () => {
    for (const topic of selectChecks(topics, suite)) {
      runner.describe(topic.title, () => {
        for (const check of topic.checks) {
          runner.it(
            check.title,
            // A named parameter would make mocha wait for a callback.
            async function test(this: unknown, ...given: unknown[]) {
              // The limits of mocha are set within the test.
              (this as { timeout?: (ms: number) => void } | undefined)?.timeout?.(checkTimeoutMs);
              const why = await runTest(check);
              if (why !== null) skip(this, given, why);
            },
            checkTimeoutMs,
          );
        }
      });
    }
  });
}
