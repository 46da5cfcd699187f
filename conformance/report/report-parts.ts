// Common parts of all report formats: the parts of a report, their order and their text.
import type { CheckResult, CitedClause, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { compareSeverity } from './severity.ts';

/** The checks of a report, each in exactly one part. */
export interface ReportParts {
  /** Violations of the contract that no baseline accepts, most severe first. */
  readonly failures: readonly CheckResult[];
  /** Violations of standards and hardening that no baseline accepts, most severe first. */
  readonly warnings: readonly CheckResult[];
  /** Violations of a MAY, and of unscored checks. */
  readonly infos: readonly CheckResult[];
  /** Violations and untestable checks that a baseline accepts. */
  readonly knownFailures: readonly CheckResult[];
  /** Checks that are untestable or ended with an error. */
  readonly notTested: readonly CheckResult[];
  readonly passed: readonly CheckResult[];
  /** Checks that do not apply, or for which an input is missing. */
  readonly skipped: readonly CheckResult[];
}

export function findParts({ checks }: ConformanceReport): ReportParts {
  const open = checks.filter(({ known }) => known === undefined);
  const withStatus = (wanted: CheckResult['status']) =>
    open.filter(({ status }) => status === wanted).sort(compareSeverity);
  return {
    failures: withStatus('failed'),
    warnings: withStatus('warning'),
    infos: withStatus('info'),
    knownFailures: checks.filter(({ known }) => known !== undefined).sort(compareSeverity),
    notTested: open.filter(({ status }) => status === 'untestable' || status === 'error'),
    passed: checks.filter(({ status }) => status === 'passed'),
    skipped: checks.filter(({ status }) => status === 'skipped'),
  };
}

/**
 * Returns the findings of a part that do not follow from others, and a function that returns the followers of each. A finding is also shown by itself
 * if its root is in another part, e.g. because a baseline accepts the root.
 */
export function foldPart(findings: readonly CheckResult[]): {
  readonly roots: readonly CheckResult[];
  readonly followersOf: (root: CheckResult) => readonly CheckResult[];
} {
  const ids = new Set(findings.map(({ id }) => id));
  const isRoot = ({ followsFrom }: CheckResult) => followsFrom === undefined || !ids.has(followsFrom);
  return {
    roots: findings.filter(isRoot),
    followersOf: ({ id }) => findings.filter(({ followsFrom }) => followsFrom === id),
  };
}

/** Returns e.g. "14 other findings follow from it: a, b, c"; "" if none. */
export function describeFollowers(followers: readonly CheckResult[]): string {
  if (followers.length === 0) return '';
  const words =
    followers.length === 1 ? '1 other finding follows from it' : `${followers.length} other findings follow from it`;
  return `${words}: ${followers.map(({ id }) => id).join(', ')}`;
}

/** Returns a map from topic to its checks, in the order of the run. */
export function groupByTopic(checks: readonly CheckResult[]): ReadonlyMap<string, readonly CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const check of checks) groups.set(check.topic, [...(groups.get(check.topic) ?? []), check]);
  return groups;
}

/** Completes "https://… ". A report without failures can have warnings, so it never says "failed". */
export const verdictTexts: Readonly<Record<ConformanceReport['verdict'], string>> = {
  conforms: 'conforms',
  'does-not-conform': 'does not conform',
  'could-not-run': 'could not be tested',
};

/** Returns the number of failures of the contract that a baseline accepts, if it accepts all of them and is not stale; 0 otherwise. */
function countAccepted(report: ConformanceReport): number {
  const { failures, knownFailures } = findParts(report);
  if (report.verdict !== 'does-not-conform' || failures.length > 0 || describeStaleEntries(report).length > 0) return 0;
  return knownFailures.filter(({ status }) => status === 'failed').length;
}

/** Returns what completes "https://… " in the verdict line, e.g. "conforms" or "passes with 10 known failures accepted". */
export function describeVerdict(report: ConformanceReport): string {
  const accepted = countAccepted(report);
  if (accepted === 0) return verdictTexts[report.verdict];
  return `passes with ${accepted} known ${accepted === 1 ? 'failure' : 'failures'} accepted`;
}

/** Returns the verdict that determines the colors: accepted failures are shown as a success. */
export function verdictColorOf(report: ConformanceReport): ConformanceReport['verdict'] {
  return countAccepted(report) > 0 ? 'conforms' : report.verdict;
}

/** Describes the route to the endpoint beyond its URL, e.g. "through the proxy http://127.0.0.1:3128, at the address 192.0.2.7"; "" otherwise. */
export function describeRoute({ target: { proxy, resolve } }: ConformanceReport): string {
  const words = [
    proxy === undefined ? '' : `through the proxy ${proxy}`,
    resolve === undefined ? '' : `at the address ${resolve}`,
  ];
  return words.filter((each) => each !== '').join(', ');
}

/** The effect of a violation: a name, and a sentence. */
export const impacts: Readonly<Record<CheckResult['impact'], { readonly name: string; readonly meaning: string }>> = {
  'silently-wrong-access': {
    name: 'silently wrong access',
    meaning: 'A client accepts a response that is empty, partial or for another user, without an error.',
  },
  'information-leak': {
    name: 'information leak',
    meaning: 'An unauthorized client learns about users, groups, secrets, or the components of the endpoint.',
  },
  refused: {
    name: 'refused',
    meaning: 'A client gets no usable response: the user info could not be retrieved.',
  },
  cosmetic: {
    name: 'cosmetic',
    meaning: 'Access is correct, but the response misleads people and programs that read it.',
  },
};

export const stackNames: Readonly<Record<CheckResult['fix'][number]['stack'], string>> = {
  any: 'Any stack',
  express: 'Express',
  flask: 'Flask',
  spring: 'Spring',
  go: 'Go net/http',
  aspnet: 'ASP.NET',
  nginx: 'nginx',
};

function statusTexts(status: string, count: number): string {
  if (status === 'warning') return count === 1 ? 'warning' : 'warnings';
  return status === 'error' && count > 1 ? 'errors' : status;
}

/** Returns the text to append to the verdict if checks of the contract did not run, e.g. "as far as it was tested: …"; "" otherwise. */
export function describeLimits({ verdict, notRun, checks: all }: ConformanceReport): string {
  if (verdict !== 'conforms' || notRun.length === 0) return '';
  const checks = notRun.length === 1 ? '1 contract check was' : `${notRun.length} contract checks were`;
  const late = all.filter(({ id, notRun: why }) => why?.because === 'time' && notRun.includes(id)).length;
  const inTime = late === 0 ? '' : late === notRun.length ? ', for lack of time' : `, ${late} of them for lack of time`;
  return `as far as it was tested: ${checks} not run${inTime}`;
}

/** Returns the cited clauses of a check, in the order of the contract. */
export function findClauses({ clauses: ids }: CheckResult, { contract }: ConformanceReport): readonly CitedClause[] {
  return contract.clauses.filter(({ id }) => ids.includes(id));
}

/** Returns the clauses of a check in one line, e.g. "C-5 (documented; RFC 8259, section 2)". */
export function listClauses(check: CheckResult, report: ConformanceReport): string {
  return findClauses(check, report)
    .map(({ id, basis, references }) => `${id} (${[basis, ...references.map(({ title }) => title)].join('; ')})`)
    .join(', ');
}

/** Returns the effect of a violation; it says so if the platform does not send the request. */
export function nameImpact({ impact, platformVerdict }: CheckResult): string {
  return platformVerdict === undefined
    ? `${impacts[impact].name} (the platform does not send this request)`
    : impacts[platformVerdict].name;
}

/** Returns the effect on the measured platform as label and sentence; empty if the report states none, e.g. because no profile was given. */
export function describePlatformEffect({ platformEffect }: CheckResult): ReadonlyArray<readonly [string, string]> {
  return platformEffect === undefined ? [] : [['On the platform', platformEffect.text]];
}

/** Returns e.g. "41 passed, 2 failed (1 known), 3 skipped"; "" if nothing was checked. */
export function describeCounts({ summary, checks }: ConformanceReport): string {
  const words = Object.entries(summary).map(([status, count]) => {
    const known = checks.filter((check) => check.status === status && check.known !== undefined).length;
    return count === 0 ? '' : `${count} ${statusTexts(status, count)}${known > 0 ? ` (${known} known)` : ''}`;
  });
  return words.filter((each) => each !== '').join(', ');
}

/** Returns the stale entries of the baseline, one sentence each. */
export function describeStaleEntries({ baseline }: ConformanceReport): string[] {
  return (baseline?.stale ?? []).map(({ check, why, until }) =>
    why === 'passed'
      ? `${check} passes now. Remove it from the baseline.`
      : `${check} was accepted until ${until}, and still fails. Fix it, or change the date.`,
  );
}

const messageLabels = ['Asked', 'Expected', 'Seen', 'To change', 'Repeated'] as const;

/** Splits the message of a failure, as formatted by nonconformity.ts, into label and text; a line without a label has the label "". */
export function splitMessage({ message }: CheckResult): readonly (readonly [label: string, text: string])[] {
  return message.split('\n').map((line) => {
    const label = messageLabels.find((each) => line.startsWith(`${each}: `));
    return label === undefined ? ['', line] : [label, line.slice(label.length + 2)];
  });
}

/** Returns the advice that the message does not contain, for the stack of the endpoint if it is known, otherwise for every stack. */
export function findFurtherFix(
  { message, fix }: CheckResult,
  { stack: known }: Pick<ConformanceReport, 'stack'>,
): CheckResult['fix'] {
  const isSuitable = (stack: CheckResult['fix'][number]['stack']) =>
    stack === 'any' || stack === known || !fix.some((each) => each.stack === known);
  const said = message.toLowerCase();
  return fix.filter(({ stack, text }) => isSuitable(stack) && !said.includes(text.toLowerCase().replace(/\.$/, '')));
}
