// Summary of a report in the order that every format uses: counts by topic, and checks not run, with the flags that enable them.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { groupByTopic } from './report-parts.ts';

/** Result of one topic. */
export interface TopicSummary {
  readonly topic: string;
  readonly checks: readonly CheckResult[];
  /** The most severe status that no baseline accepts; `none`: no check passed, failed or has a warning. */
  readonly worst: 'failed' | 'warning' | 'passed' | 'none';
  /** E.g. "12 passed, 1 failed, 2 warnings, 3 not run". */
  readonly words: string;
}

/** Text that follows the number of checks that have no result for this reason and that no flag would enable. */
const unflagged: Readonly<Record<NonNullable<CheckResult['notRun']>['because'], string>> = {
  input: 'an input is missing',
  time: 'the time limit of the run was reached',
  limit: 'a limit on requests was reached, or the endpoint was unavailable for a moment; run again later',
  endpoint: 'the responses of the endpoint do not allow the test',
  error: 'this machine or the kit failed',
};

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** Returns "1 check", "2 checks". */
const countChecks = (count: number): string => plural(count, 'check', 'checks');

function summarizeTopic(topic: string, checks: readonly CheckResult[]): TopicSummary {
  const count = (rule: (check: CheckResult) => boolean) => checks.filter(rule).length;
  const open = (status: CheckResult['status']) =>
    count((check) => check.status === status && check.known === undefined);
  const passed = open('passed');
  const failed = open('failed');
  const warnings = open('warning');
  const infos = open('info');
  const known = count((check) => check.known !== undefined);
  const notRun = count((check) => check.notRun !== undefined && check.known === undefined);
  const words = [
    passed > 0 ? `${passed} passed` : '',
    failed > 0 ? `${failed} failed` : '',
    warnings > 0 ? plural(warnings, 'warning', 'warnings') : '',
    infos > 0 ? plural(infos, 'info', 'infos') : '',
    known > 0 ? `${known} known` : '',
    notRun > 0 ? `${notRun} not run` : '',
  ].filter((each) => each !== '');
  const worst = failed > 0 ? 'failed' : warnings > 0 ? 'warning' : passed > 0 ? 'passed' : 'none';
  return { topic, checks, worst, words: words.length === 0 ? 'does not apply' : words.join(', ') };
}

/** Returns one summary per topic, in the order of the run. */
export function summarizeTopics({ checks }: ConformanceReport): TopicSummary[] {
  return [...groupByTopic(checks)].map(([topic, group]) => summarizeTopic(topic, group));
}

/** One line in the list of checks that were not run. */
export interface NotRunLine {
  /** Flags as typed, or a reason that no flag removes. */
  readonly what: string;
  readonly isFlag: boolean;
  readonly checks: number;
  /** Number of these checks in the rule set contract. */
  readonly ofContract: number;
}

/**
 * Returns what is needed to run the checks without a result. Flags come first, those for the most contract checks at the top. Reasons that no flag
 * removes follow.
 */
export function summarizeNotRun({ checks, notSelected = 0 }: ConformanceReport): NotRunLine[] {
  const lines = new Map<string, NotRunLine>();
  for (const { notRun, known, ruleSet } of checks) {
    if (notRun === undefined || known !== undefined) continue;
    const isFlag = notRun.flags.length > 0;
    const what = isFlag ? notRun.flags.join(' ') : unflagged[notRun.because];
    const { checks: count = 0, ofContract = 0 } = lines.get(what) ?? {};
    lines.set(what, { what, isFlag, checks: count + 1, ofContract: ofContract + (ruleSet === 'contract' ? 1 : 0) });
  }
  const sorted = [...lines.values()].sort(
    (one, other) =>
      Number(other.isFlag) - Number(one.isFlag) || other.ofContract - one.ofContract || other.checks - one.checks,
  );
  const unselected = { what: 'not selected by --only or --skip', isFlag: false, checks: notSelected, ofContract: 0 };
  return notSelected > 0 ? [...sorted, unselected] : sorted;
}

/** Returns e.g. "12 checks, 3 of the contract". */
export function describeCountsOf({ checks, ofContract }: NotRunLine): string {
  return `${countChecks(checks)}${ofContract > 0 ? `, ${ofContract} of the contract` : ''}`;
}
