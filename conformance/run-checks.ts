// Runs the checks with mocha: one suite per topic, one test per check, in sequence, without output and without files.
import Mocha from 'mocha';
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { Check, Topic } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { MissingInput, NotApplicable, NotAsked } from './check-endings.ts';
import { responseTime } from './checks/response-time.ts';
import { confirmFailure } from './confirm-failure.ts';
import { foldFindings } from './report/fold-findings.ts';
import { describeViolation, explainNotRun, runCheck, toOutcome } from './run-check.ts';
import { findUnscored } from './scoring.ts';

/** Returns whether more inputs or a larger budget would have allowed the check to run. */
function isLeftOut(error: unknown): error is Error {
  return error instanceof NotAsked || (error instanceof MissingInput && !(error instanceof NotApplicable));
}

/**
 * Returns the topics in the order in which they run. The order changes if the first response shows that the time limit of the run does not suffice
 * for one request per check. In that case, the check that measures the latency runs first, the checks of the contract run next, and all others run
 * last.
 */
function orderByTime(topics: readonly Topic[], context: CheckContext): readonly Topic[] {
  const { firstResponseMs } = context.tally();
  const checks = topics.reduce((sum, topic) => sum + topic.checks.length, 0);
  if ((firstResponseMs ?? 0) * checks <= context.options.maxDuration * 1000) return topics;
  const keep = (rule: (check: Check) => boolean) =>
    topics.map((topic) => ({ ...topic, checks: topic.checks.filter(rule) })).filter((topic) => topic.checks.length > 0);
  const isFirst = ({ id }: Check) => id === responseTime.id;
  return [
    ...keep(isFirst),
    ...keep((check) => !isFirst(check) && check.ruleSet === 'contract'),
    ...keep((check) => !isFirst(check) && check.ruleSet !== 'contract'),
  ];
}

/** A reporter without output: the report contains the results. */
class SilentReporter {}

/** The results of a run, in the order of the topics, and what was omitted, as text. */
export interface RunResults {
  readonly checks: CheckResult[];
  /** Ids of scored checks of the rule set contract that apply and have no result. */
  readonly notRun: string[];
  readonly leftOut: string[];
}

/** Runs all checks. Does not throw: a bug in the kit is also a result. */
export async function runChecks(topics: readonly Topic[], context: CheckContext): Promise<RunResults> {
  // Mocha's timeout is disabled, because every request has its own deadline and an interrupted check would continue to send requests.
  const mocha = new Mocha({ reporter: SilentReporter as unknown as Mocha.ReporterConstructor, timeout: 0 });
  const checks = new Map<Mocha.Runnable, { readonly topic: Topic; readonly check: Check }>();
  for (const topic of orderByTime(topics, context)) {
    const suite = Mocha.Suite.create(mocha.suite, topic.title);
    for (const check of topic.checks) {
      const test = new Mocha.Test(check.title, () => runCheck(check, context));
      suite.addTest(test);
      checks.set(test, { topic, check });
    }
  }

  const results: CheckResult[] = [];
  const notRun: string[] = [];
  /** Reason → ids. */
  const leftOut = new Map<string, string[]>();
  /** Failed checks by their position in the results. */
  const failures = new Map<number, { readonly check: Check; readonly error: unknown }>();
  let startedAt = 0;
  function record(test: Mocha.Runnable, error: unknown): void {
    const found = checks.get(test);
    if (!found) return;
    if (isLeftOut(error)) leftOut.set(error.message, [...(leftOut.get(error.message) ?? []), found.check.id]);
    const { id, title, ruleSet, level, clauses, why, fix } = found.check;
    const durationMs = Math.round(performance.now() - startedAt);
    const outcome = toOutcome(error, found.check);
    const whyNotRun = explainNotRun(error);
    const unscored = findUnscored(found.check);
    if (ruleSet === 'contract' && whyNotRun && unscored === null) notRun.push(id);
    if (outcome.status === 'failed') failures.set(results.length, { check: found.check, error });
    results.push({
      ...{ id, topic: found.topic.title, title, ruleSet, level, clauses: [...clauses], ...outcome },
      ...describeViolation(error, found.check, context),
      ...(whyNotRun ? { notRun: whyNotRun } : {}),
      ...(unscored === null ? {} : { unscored: { ...unscored } }),
      ...{ why, fix, durationMs },
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
  // Failed checks run again after all checks, so that repetitions use only what remains of the budgets.
  for (const [index, { check, error }] of failures) {
    const result = results[index];
    if (!result) continue;
    const { kind, sentence } = await confirmFailure(check, context, error);
    if (kind === 'limited') {
      results[index] = {
        ...{ ...result, status: 'untestable', message: sentence, evidence: [] },
        notRun: { because: 'limit', flags: [] },
      };
      notRun.push(check.id);
    } else if (kind !== 'confirmed') {
      const isInconsistent = kind === 'inconsistent' ? ({ inconsistent: true } as const) : {};
      results[index] = { ...result, message: `${result.message}\n${sentence}`, ...isInconsistent };
    }
  }
  // In the order of the topics, independent of the order of execution.
  const order = new Map(topics.flatMap((topic) => topic.checks).map(({ id }, index) => [id, index]));
  const placeOf = ({ id }: CheckResult) => order.get(id) ?? 0;
  return {
    checks: foldFindings(results.sort((one, other) => placeOf(one) - placeOf(other))),
    notRun,
    leftOut: [...leftOut].map(([reason, ids]) => `${reason} Left out: ${ids.join(', ')}.`),
  };
}
