// Owns what every form of a report has in common: which checks stand in which part, in which order, and in which words.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { compareSeverity } from '../severity.ts';

/** Each check of a report, in exactly one part. */
export interface ReportParts {
  /** Failed and not accepted by a baseline, fail-open first. */
  readonly failures: readonly CheckResult[];
  /** Failed or untestable, and accepted by a baseline. */
  readonly knownFailures: readonly CheckResult[];
  /** Untestable or in error: a MUST among them is not a pass. */
  readonly notJudged: readonly CheckResult[];
  readonly passed: readonly CheckResult[];
  /** Does not apply, or an input is missing. */
  readonly skipped: readonly CheckResult[];
}

export function findParts({ checks }: ConformanceReport): ReportParts {
  const open = checks.filter(({ known }) => known === undefined);
  return {
    failures: open.filter(({ status }) => status === 'failed').sort(compareSeverity),
    knownFailures: checks.filter(({ known }) => known !== undefined).sort(compareSeverity),
    notJudged: open.filter(({ status }) => status === 'untestable' || status === 'error'),
    passed: checks.filter(({ status }) => status === 'passed'),
    skipped: checks.filter(({ status }) => status === 'skipped'),
  };
}

/** Topic → its checks, in the order of the run. */
export function groupByTopic(checks: readonly CheckResult[]): ReadonlyMap<string, readonly CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const check of checks) groups.set(check.topic, [...(groups.get(check.topic) ?? []), check]);
  return groups;
}

/** Completes "https://… ". */
export const verdictWords: Readonly<Record<ConformanceReport['verdict'], string>> = {
  conforms: 'conforms',
  'does-not-conform': 'does not conform',
  'could-not-run': 'could not be judged',
};

/** How the endpoint was met where that is not by its URL alone, e.g. "through the proxy http://127.0.0.1:3128, at the address 192.0.2.7"; "" otherwise. */
export function routeInWords({ target: { proxy, resolve } }: ConformanceReport): string {
  const words = [
    proxy === undefined ? '' : `through the proxy ${proxy}`,
    resolve === undefined ? '' : `at the address ${resolve}`,
  ];
  return words.filter((each) => each !== '').join(', ');
}

/** What a failure means on the platform: a name, and a sentence. */
export const platformVerdicts: Readonly<
  Record<CheckResult['platformVerdict'], { readonly name: string; readonly meaning: string }>
> = {
  'silently-wrong-access': {
    name: 'silently wrong access',
    meaning: 'The platform takes an answer for true that is empty, partial or somebody else’s, and nobody is told.',
  },
  'information-leak': {
    name: 'information leak',
    meaning: 'Somebody who must not know learns of users, their groups, secrets, or how the endpoint is built.',
  },
  refused: {
    name: 'refused',
    meaning: 'The platform does not get an answer that it can use: “user info could not be retrieved”.',
  },
  cosmetic: { name: 'cosmetic', meaning: 'Access stays right; people and programs that read the answer are misled.' },
};

export const stackNames: Readonly<Record<CheckResult['mend'][number]['stack'], string>> = {
  any: 'Any stack',
  express: 'Express',
  flask: 'Flask',
  spring: 'Spring',
  go: 'Go net/http',
  aspnet: 'ASP.NET',
  nginx: 'nginx',
};

/** E.g. "41 passed, 2 failed (1 known), 3 skipped"; "" when nothing was checked. */
export function countInWords({ summary, checks }: ConformanceReport): string {
  const words = Object.entries(summary).map(([status, count]) => {
    const known = checks.filter((check) => check.status === status && check.known !== undefined).length;
    return count === 0 ? '' : `${count} ${status}${known > 0 ? ` (${known} known)` : ''}`;
  });
  return words.filter((each) => each !== '').join(', ');
}

/** What is stale in the baseline, a sentence an entry. */
export function staleInWords({ baseline }: ConformanceReport): string[] {
  return (baseline?.stale ?? []).map(({ check, why, until }) =>
    why === 'passed'
      ? `${check} passes now: take it out of the baseline.`
      : `${check} was accepted until ${until}, and still fails: mend it, or decide anew and move the date.`,
  );
}

const messageLabels = ['Asked', 'Expected', 'Seen', 'To change'] as const;

/** The message of a failure as label and text, as finding.ts joins them; a line without such a label has the label "". */
export function splitMessage({ message }: CheckResult): readonly (readonly [label: string, text: string])[] {
  return message.split('\n').map((line) => {
    const label = messageLabels.find((each) => line.startsWith(`${each}: `));
    return label === undefined ? ['', line] : [label, line.slice(label.length + 2)];
  });
}

/** How to mend it, without what the message says already. */
export function findFurtherMend({ message, mend }: CheckResult): CheckResult['mend'] {
  return mend.filter(({ text }) => !message.toLowerCase().includes(text.toLowerCase()));
}
