// Public entry point of the kit: one run of all checks against one endpoint, and the report of the run.
import { createHash } from 'node:crypto';
import type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';
import { kitVersion } from '../schemas/kit-version.ts';
import type { Topic } from './check.ts';
import { type CheckContext, createCheckContext } from './check-context.ts';
import { catalogue } from './checks/catalogue.ts';
import { checkOptions } from './conformance-options.ts';
import { clauses, contractVersion } from './contract/contract.ts';
import { findCustomCheckFaults, type RunOptions, withCustomChecks } from './define-check.ts';
import { findObstacle } from './probe.ts';
import { redactReport } from './report/redaction.ts';
import { runChecks } from './run-checks.ts';
import { findSelectionFaults, selectChecks } from './select-checks.ts';
import { findMissingKinds } from './user-kinds.ts';

export type { CheckResult, ConformanceReport } from '../schemas/generated/conformance-report.ts';
export type { Check } from './check.ts';
export type { CheckContext } from './check-context.ts';
export { Untestable } from './check-endings.ts';
export {
  type AuthMode,
  type ConformanceOptions,
  ConformanceOptionsError,
  type Profile,
  type Progress,
} from './conformance-options.ts';
export {
  type CheckDefinition,
  type CheckKit,
  type CreateChecks,
  defineCheck,
  type RunOptions,
  readUserInfo,
} from './define-check.ts';
export { type ConformanceSuiteOptions, describeConformance, type TestRunner } from './describe-conformance.ts';
export { listRequests, type RequestList } from './list-requests.ts';
export { assertConforms, type Finding } from './report/finding.ts';
export { type ReportFormat, renderReport, reportFormats } from './report/report-formats.ts';
export { runSelfCheck, type SelfCheckResult } from './self-check.ts';

function countByStatus(checks: readonly CheckResult[]): ConformanceReport['summary'] {
  const summary = { passed: 0, failed: 0, warning: 0, info: 0, untestable: 0, skipped: 0, error: 0 };
  for (const { status } of checks) summary[status] += 1;
  return summary;
}

/**
 * Returns the verdict, and the reason if there is none. Only a failure makes an endpoint non-conformant, and only checks of the rule set contract
 * have failures. Untestable checks prevent a verdict only if the run was stopped; otherwise, they are listed next to it.
 */
function decide(
  checks: readonly CheckResult[],
  stopReason: string | null,
): Pick<ConformanceReport, 'verdict' | 'reason'> {
  const ofContract = checks.filter(({ ruleSet, unscored }) => ruleSet === 'contract' && unscored === undefined);
  const count = (wanted: CheckResult['status']) => ofContract.filter(({ status }) => status === wanted).length;
  if (count('failed') > 0) return { verdict: 'does-not-conform' };
  const couldNotRun = (reason: string) => ({ verdict: 'could-not-run', reason }) as const;
  if (ofContract.length === 0) {
    return couldNotRun(
      'No scored check of the contract rule set was selected. Only scored checks of this rule set decide whether an endpoint conforms.',
    );
  }
  if (count('error') > 0) {
    return couldNotRun(
      `Checks of the contract rule set that ended in an error: ${count('error')}. See their messages.`,
    );
  }
  if (stopReason !== null && count('untestable') > 0) return couldNotRun(stopReason);
  if (count('passed') === 0) {
    return couldNotRun(
      'No check of the contract rule set could be evaluated. Add the missing inputs that the report lists; most checks need --known-user ID.',
    );
  }
  return { verdict: 'conforms' };
}

async function findResults(
  context: CheckContext,
  topics: readonly Topic[],
): Promise<
  Pick<ConformanceReport, 'verdict' | 'reason' | 'checks' | 'notRun' | 'notSelected' | 'missingUserKinds' | 'leftOut'>
> {
  const obstacle = await findObstacle(context, context.options.url.protocol);
  if (obstacle !== null) return { verdict: 'could-not-run', reason: obstacle, checks: [], notRun: [], leftOut: [] };
  const { checks, notRun, leftOut } = await runChecks(selectChecks(topics, context.options), context);
  const total = topics.reduce((sum, topic) => sum + topic.checks.length, 0);
  const unselected = total - checks.length;
  const words = `${unselected} of ${total} checks were not selected (--only, --skip).`;
  const { stopReason } = context.tally();
  const { knownUsers } = context.options;
  const answers = await context.receivedAnswers(knownUsers.map((userid) => ({ userids: [userid] })));
  const bodies = answers.filter(({ status }) => status === 200).map(({ body }) => body);
  const missing = bodies.length === 0 ? [] : findMissingKinds(knownUsers, bodies);
  const results = {
    ...decide(checks, stopReason),
    ...{ checks, notRun },
    ...(missing.length === 0 ? {} : { missingUserKinds: missing }),
  };
  return unselected > 0
    ? { ...results, notSelected: unselected, leftOut: [words, ...leftOut] }
    : { ...results, leftOut };
}

/** Returns the version of the contract, and the clauses that the checks cite. */
function describeContract(checks: readonly CheckResult[]): ConformanceReport['contract'] {
  const cited = new Set(checks.flatMap(({ clauses: ids }) => ids));
  return {
    version: contractVersion,
    clauses: clauses
      .filter(({ id }) => cited.has(id))
      .map(({ id, ruleSet, level, basis, sentence, references }) => ({
        ...{ id, ruleSet, level, basis, sentence },
        references: references.map((reference) => ({ ...reference })),
      })),
  };
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
  'customChecks',
] as const satisfies readonly (keyof RunOptions)[];

function attest(given: RunOptions, { options, tally }: CheckContext): ConformanceReport['attestation'] {
  const { auth, strictKeys, timeoutMs, maxRequests, maxFailedLogins, failedLoginSpacingMs, intrusive, showData } =
    options;
  const { maxDuration } = options;
  const { useridCase, useridSpaces, explore, seed } = options;
  const { requestsSent, failedLoginsSent, serverCertificateSha256 } = tally();
  return {
    ruleSetSha256: hashRuleSet(withCustomChecks(catalogue, given.customChecks)),
    finishedAt: new Date().toISOString(),
    serverCertificateSha256,
    configuration: {
      ...{ auth, strictKeys, timeoutMs, maxRequests, maxFailedLogins, failedLoginSpacingMs, intrusive, showData },
      maxDuration,
      ...(useridCase ? { useridCase } : {}),
      ...(useridSpaces ? { useridSpaces } : {}),
      ...(explore === undefined ? {} : { explore, seed }),
      inputs: inputs.filter((name) => given[name] !== undefined),
    },
    requestsSent,
    failedLoginsSent,
  };
}

/**
 * Tests one endpoint by its URL alone.
 *
 * Sends at most `maxRequests` small requests, one after another except in a few checks, and at most `maxFailedLogins` requests with wrong credentials
 * per user name. Unless `showData` is set, the report contains no user ids, groups or values; it never contains credentials. If the endpoint cannot
 * be reached, there is still a report, with the verdict `could-not-run` and a reason.
 *
 * Uses mocha, which listens for uncaught exceptions and unhandled rejections of the process while it runs.
 *
 * @throws {ConformanceOptionsError} before anything is sent, with all errors in the options.
 */
export async function runConformance(options: RunOptions): Promise<ConformanceReport> {
  const topics = withCustomChecks(catalogue, options.customChecks);
  const faults = [...findCustomCheckFaults(catalogue, options.customChecks), ...findSelectionFaults(topics, options)];
  const context = createCheckContext(checkOptions(options, faults));
  const { url, auth, strictKeys, failOn, proxy, resolve } = context.options;
  const startedAt = new Date();
  const start = performance.now();
  const { checks, notRun, notSelected, missingUserKinds, leftOut, ...decision } = await findResults(context, topics);
  const { latency, stack } = context.tally();
  const report: ConformanceReport = {
    kit: { name: 'user-info-kit', version: kitVersion },
    contract: describeContract(checks),
    target: {
      url: url.href,
      ...(typeof proxy === 'object' ? { proxy: proxy.shown } : {}),
      ...(resolve ? { resolve: resolve.address } : {}),
      ...{ auth, strictKeys },
    },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - start),
    ...decision,
    failOn,
    ...(stack === null ? {} : { stack }),
    summary: countByStatus(checks),
    checks,
    notRun,
    ...(notSelected === undefined ? {} : { notSelected }),
    ...(missingUserKinds === undefined ? {} : { missingUserKinds }),
    leftOut,
    ...(latency === null ? {} : { latency }),
    attestation: attest(options, context),
  };
  return redactReport(report, context.hiddenValues, JSON.stringify(topics));
}

/** Returns the SHA-256, in hexadecimal, of the checks as data. Their code is identified by the kit version. */
function hashRuleSet(topics: readonly Topic[]): string {
  // JSON omits functions, and the order of keys is that of the source.
  return createHash('sha256').update(JSON.stringify(topics)).digest('hex');
}
