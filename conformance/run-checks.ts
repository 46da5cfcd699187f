// Owns running the checks with mocha: one suite a topic, one test a check, one after the other, without output and without files.
import Mocha from 'mocha';
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { Check, Topic } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { MissingInput, NotApplicable, NotAsked } from './check-endings.ts';
import { describeFailure, judgeOutcome, runCheck } from './judge-check.ts';

/** Whether a check could have been made, had more been given or allowed. */
function isLeftOut(error: unknown): error is Error {
  return error instanceof NotAsked || (error instanceof MissingInput && !(error instanceof NotApplicable));
}

/** Says nothing: the results are the report's. */
class SilentReporter {}

/** A run's results, in the order of the topics, and what was left out, in words. */
export interface RunResults {
  readonly checks: CheckResult[];
  readonly leftOut: string[];
}

/** Runs all checks. Does not throw: a fault of the kit is a result too. */
export async function runChecks(topics: readonly Topic[], context: CheckContext): Promise<RunResults> {
  // No time-out of mocha's: every request has a deadline of its own, and a cut check would still be asking.
  const mocha = new Mocha({ reporter: SilentReporter as unknown as Mocha.ReporterConstructor, timeout: 0 });
  const checks = new Map<Mocha.Runnable, { readonly topic: Topic; readonly check: Check }>();
  for (const topic of topics) {
    const suite = Mocha.Suite.create(mocha.suite, topic.title);
    for (const check of topic.checks) {
      const test = new Mocha.Test(check.title, () => runCheck(check, context));
      suite.addTest(test);
      checks.set(test, { topic, check });
    }
  }

  const results: CheckResult[] = [];
  /** Reason → ids. */
  const leftOut = new Map<string, string[]>();
  let startedAt = 0;
  function record(test: Mocha.Runnable, error: unknown): void {
    const found = checks.get(test);
    if (!found) return;
    if (isLeftOut(error)) leftOut.set(error.message, [...(leftOut.get(error.message) ?? []), found.check.id]);
    const { id, title, level, source, why, mend } = found.check;
    const durationMs = Math.round(performance.now() - startedAt);
    results.push({
      ...{ id, topic: found.topic.title, title, level, ...judgeOutcome(error) },
      ...describeFailure(error, found.check, context),
      ...{ why, mend, source, durationMs },
    });
  }

  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('test', ({ title }) => {
        context.options.onProgress?.({ done: results.length, total: checks.size, title });
        startedAt = performance.now();
      })
      .on('pass', (test) => record(test, undefined))
      .on('fail', (test, error: unknown) => record(test, error));
  });
  mocha.dispose();
  return { checks: results, leftOut: [...leftOut].map(([reason, ids]) => `${reason} Left out: ${ids.join(', ')}.`) };
}
