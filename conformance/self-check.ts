// Self-check of the kit: the same run against the kit's own conformant endpoint.
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import { catalogue } from './checks/catalogue.ts';
import { type ConformanceOptions, checkOptions } from './conformance-options.ts';
import { findObstacle } from './probe.ts';
import { runChecks } from './run-checks.ts';
import { findSelectionFaults, selectChecks } from './select-checks.ts';
import { withStandIn } from './stand-in.ts';

/** Result of the self-check. */
export interface SelfCheckResult {
  /** Number of checks that passed. */
  readonly passed: number;
  /** The reason why the kit's own endpoint could not be tested; null: it was tested. */
  readonly obstacle: string | null;
  /** Checks that failed or could not be evaluated although the endpoint conforms: the cause is the kit or this machine. */
  readonly failures: readonly Pick<CheckResult, 'id' | 'status' | 'message'>[];
}

/**
 * Runs what `runConformance` would run with these options against an endpoint that it starts on loopback and stops again. The endpoint in the options
 * receives no request, and no hook is run.
 *
 * @throws {ConformanceOptionsError} as runConformance does.
 */
export async function runSelfCheck(given: ConformanceOptions): Promise<SelfCheckResult> {
  const options = checkOptions(given, findSelectionFaults(catalogue, given));
  return withStandIn(options, async (context) => {
    const obstacle = await findObstacle(context, options.url.protocol);
    if (obstacle !== null) return { passed: 0, obstacle, failures: [] };
    const { checks } = await runChecks(selectChecks(catalogue, options), context);
    return {
      passed: checks.filter(({ status }) => status === 'passed').length,
      obstacle,
      failures: checks
        .filter(({ status }) => status !== 'passed' && status !== 'skipped')
        .map(({ id, status, message }) => ({ id, status, message })),
    };
  });
}
