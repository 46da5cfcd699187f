// Owns the JUnit form of a report: XML as GitLab, GitHub's viewers and Jenkins read it.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { latencyCheckId, wordLatency } from '../latency.ts';
import {
  findFurtherMend,
  groupByTopic,
  platformVerdicts,
  routeInWords,
  stackNames,
  staleInWords,
} from './report-parts.ts';
import { toXmlAttributes, toXmlText } from './xml-text.ts';

/** What a viewer counts a test as; `passed` has no element. */
type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

/**
 * A viewer turns red for `failure` and `error`, so those are what fails the run and nothing else is: a MUST that failed, and one
 * that could not be judged. A failed SHOULD is *skipped*, which viewers show without turning red.
 */
function findOutcome({ status, level, known }: CheckResult): Outcome {
  if (status === 'passed') return 'passed';
  if (status === 'skipped' || level !== 'MUST' || known !== undefined) return 'skipped';
  return status === 'failed' ? 'failure' : 'error';
}

function describe(check: CheckResult): string {
  const { message, why, evidence, source, platformVerdict } = check;
  return [
    message,
    `On the platform: ${platformVerdicts[platformVerdict].name}. ${why}`,
    ...evidence.map(({ request, expected, answered }) => `$ ${request}\nExpected: ${expected}\nAnswered: ${answered}`),
    ...findFurtherMend(check).map(({ stack, text }) => `${stackNames[stack]}: ${text}`),
    `Source: ${source}`,
  ].join('\n\n');
}

/** The latency stands with the test that has measured it: of properties of a suite few viewers show anything. */
function toTestCase(check: CheckResult, { latency }: ConformanceReport): TestCase {
  const { id, title, topic, status, level, message, known, durationMs } = check;
  const measured = latency && id === latencyCheckId ? `Latency of ${wordLatency(latency)}.` : '';
  const outcome = findOutcome(check);
  const prefix = `${level} ${status}. ${known ? `Known: ${known.reason} ` : ''}`;
  return {
    suite: topic,
    name: `${id}: ${title}`,
    seconds: durationMs / 1000,
    outcome,
    type: `${level} ${status}`,
    message: status === 'failed' || known ? `${prefix}${title}` : message,
    text: [status === 'failed' ? describe(check) : '', measured].filter((part) => part !== '').join('\n\n'),
  };
}

/** What fails a run besides its checks, as tests of their own. */
function findOtherCases(report: ConformanceReport): TestCase[] {
  const other = { seconds: 0, text: '' };
  const stale = staleInWords(report).map((message, index) => ({
    ...other,
    suite: 'Baseline',
    name: `${report.baseline?.stale[index]?.check} is not stale in the baseline`,
    outcome: 'failure' as const,
    type: 'stale baseline',
    message,
  }));
  if (report.checks.length > 0) return stale;
  const reached = { ...other, suite: 'Endpoint', name: 'can be reached and judged', type: 'could not run' };
  return [...stale, { ...reached, outcome: 'error', message: report.reason ?? 'No check was run.' }];
}

function renderCase({ suite, name, seconds, outcome, type, message, text }: TestCase): string {
  const head = `    <testcase${toXmlAttributes({ classname: suite, name, time: seconds.toFixed(3) })}`;
  // Of a test that did not fail viewers show what it wrote.
  const written = text === '' ? '' : `<system-out>${toXmlText(text)}</system-out>`;
  if (outcome === 'passed') return written === '' ? `${head}/>` : `${head}>${written}</testcase>`;
  const inner =
    outcome === 'skipped'
      ? `<skipped${toXmlAttributes({ message })}/>${written}`
      : `<${outcome}${toXmlAttributes({ type, message })}>${toXmlText(text)}</${outcome}>`;
  return `${head}>${inner}</testcase>`;
}

function countCases(cases: readonly TestCase[]) {
  const countOf = (wanted: Outcome) => cases.filter(({ outcome }) => outcome === wanted).length;
  return {
    ...{ tests: cases.length, failures: countOf('failure'), errors: countOf('error') },
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  };
}

/** The report as one `<testsuites>`, a suite a topic. */
export function renderJunitReport(report: ConformanceReport): string {
  const suites = new Map<string, TestCase[]>();
  for (const [topic, checks] of groupByTopic(report.checks)) {
    suites.set(
      topic,
      checks.map((check) => toTestCase(check, report)),
    );
  }
  for (const other of findOtherCases(report)) suites.set(other.suite, [...(suites.get(other.suite) ?? []), other]);

  const timestamp = report.startedAt.slice(0, 19);
  const rendered = [...suites].map(([name, cases]) => {
    const skipped = cases.filter(({ outcome }) => outcome === 'skipped').length;
    const attributes = toXmlAttributes({ name, ...countCases(cases), skipped, timestamp });
    return `  <testsuite${attributes}>\n${cases.map(renderCase).join('\n')}\n  </testsuite>\n`;
  });
  const name = `user-info conform ${[report.target.url, routeInWords(report)].join(' ').trim()}`;
  const head = toXmlAttributes({ name, ...countCases([...suites.values()].flat()) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${rendered.join('')}</testsuites>\n`;
}
