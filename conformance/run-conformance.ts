// Owns the kit's public entry: one run of all checks against one endpoint, and the report that comes of it.
import type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';
import { kitVersion } from '../schemas/kit-version.ts';
import { type CheckContext, createCheckContext } from './check-context.ts';
import { catalogue } from './checks/catalogue.ts';
import { type ConformanceOptions, checkOptions } from './conformance-options.ts';
import { findObstacle } from './probe.ts';
import { redactReport } from './redaction.ts';
import { hashRuleSet } from './rule-set.ts';
import { runChecks } from './run-checks.ts';
import { findSelectionFaults, selectChecks } from './select-checks.ts';

export type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';
export {
  type AuthMode,
  type ConformanceOptions,
  ConformanceOptionsError,
  type Profile,
  type Progress,
} from './conformance-options.ts';
export { type ConformanceSuiteOptions, describeConformance, type TestRunner } from './describe-conformance.ts';
export { listRequests, type RequestList } from './list-requests.ts';
export { type ReportFormat, renderReport, reportFormats } from './report/report-formats.ts';
export { runSelfCheck, type SelfCheckResult } from './self-check.ts';

function countByStatus(checks: readonly CheckResult[]): ConformanceReport['summary'] {
  const summary = { passed: 0, failed: 0, untestable: 0, skipped: 0, error: 0 };
  for (const { status } of checks) summary[status] += 1;
  return summary;
}

/** Whether the endpoint conforms, and if that could not be said, why. */
function judge(checks: readonly CheckResult[]): Pick<ConformanceReport, 'verdict' | 'reason'> {
  const musts = checks.filter(({ level }) => level === 'MUST');
  const count = (...statuses: CheckResult['status'][]) =>
    musts.filter(({ status }) => statuses.includes(status)).length;
  if (count('failed') > 0) return { verdict: 'does-not-conform' };
  const open = count('untestable', 'error');
  if (open > 0) {
    return {
      verdict: 'could-not-run',
      reason: `${open} of the MUST checks could not be judged: their messages say why.`,
    };
  }
  if (musts.length === 0) {
    return {
      verdict: 'could-not-run',
      reason: 'No MUST check is among those that were selected: they alone say whether an endpoint conforms.',
    };
  }
  if (count('passed') === 0) {
    return { verdict: 'could-not-run', reason: 'No MUST check was judged: give at least one --known-user ID.' };
  }
  return { verdict: 'conforms' };
}

async function findResults(
  context: CheckContext,
): Promise<Pick<ConformanceReport, 'verdict' | 'reason' | 'checks' | 'leftOut'>> {
  const obstacle = await findObstacle(context, context.options.url.protocol);
  if (obstacle !== null) return { verdict: 'could-not-run', reason: obstacle, checks: [], leftOut: [] };
  const { checks, leftOut } = await runChecks(selectChecks(catalogue, context.options), context);
  const total = catalogue.reduce((sum, topic) => sum + topic.checks.length, 0);
  const unselected = total - checks.length;
  const words = `${unselected} of ${total} checks were not selected (--only, --skip).`;
  return { ...judge(checks), checks, leftOut: unselected > 0 ? [words, ...leftOut] : leftOut };
}

const inputs = [
  'resolve',
  'proxy',
  'username',
  'password',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'ca',
  'knownUsers',
  'unknownUser',
  'clientCa',
  'expectedData',
  'hook',
  'only',
  'skip',
] as const satisfies readonly (keyof ConformanceOptions)[];

function attest(given: ConformanceOptions, { options, tally }: CheckContext): ConformanceReport['attestation'] {
  const { auth, profile, timeoutMs, maxRequests, maxFailedLogins, failedLoginSpacingMs, intrusive, showData } = options;
  const { useridCase, useridSpaces } = options;
  const { requestsSent, failedLoginsSent, serverCertificateSha256 } = tally();
  return {
    ruleSetSha256: hashRuleSet(catalogue),
    finishedAt: new Date().toISOString(),
    serverCertificateSha256,
    configuration: {
      ...{ auth, profile, timeoutMs, maxRequests, maxFailedLogins, failedLoginSpacingMs, intrusive, showData },
      ...(useridCase ? { useridCase } : {}),
      ...(useridSpaces ? { useridSpaces } : {}),
      inputs: inputs.filter((name) => given[name] !== undefined),
    },
    requestsSent,
    failedLoginsSent,
  };
}

/**
 * Tests one endpoint by its URL alone.
 *
 * Sends at most `maxRequests` small requests, one after the other but for few checks, and at most `maxFailedLogins` a user
 * name with wrong credentials. Unless `showData` is set the report holds no user ids, no groups and no values; credentials it
 * never holds. An endpoint that can't be reached is a report too, with the verdict `could-not-run` and a reason.
 *
 * Uses mocha inside, which listens for uncaught exceptions and unhandled rejections of the process while it runs.
 *
 * @throws {ConformanceOptionsError} before anything is sent, with all that is wrong with the options.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const context = createCheckContext(checkOptions(options, findSelectionFaults(catalogue, options)));
  const { url, auth, profile, proxy, resolve } = context.options;
  const startedAt = new Date();
  const start = performance.now();
  const { checks, leftOut, ...judgement } = await findResults(context);
  const { latency } = context.tally();
  const report: ConformanceReport = {
    kit: { name: 'user-info-kit', version: kitVersion },
    target: {
      url: url.href,
      ...(typeof proxy === 'object' ? { proxy: proxy.shown } : {}),
      ...(resolve ? { resolve: resolve.address } : {}),
      ...{ auth, profile },
    },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - start),
    ...judgement,
    summary: countByStatus(checks),
    checks,
    leftOut,
    ...(latency === null ? {} : { latency }),
    attestation: attest(options, context),
  };
  return redactReport(report, context.hiddenValues, JSON.stringify(catalogue));
}
