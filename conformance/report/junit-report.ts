// Report in JUnit XML, as GitLab, viewers for GitHub, and Jenkins read it; escaping of text for XML.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import { failsRun, isViolation } from '../fail-on.ts';
import { latencyCheckId, wordLatency } from '../http/latency.ts';
import {
  describePlatformEffect,
  describeRoute,
  describeStaleEntries,
  findFurtherFix,
  groupByTopic,
  listClauses,
  nameImpact,
  stackNames,
} from './report-parts.ts';

/** The category that a viewer assigns to a test; `passed` has no element. */
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
 * Returns the category. Only a violation in a rule set of --fail-on and an error of the kit are shown in red (`failure`, `error`). Other violations
 * are *skipped*, which viewers do not show in red.
 */
function findOutcome(check: CheckResult, report: ConformanceReport): Outcome {
  const { status, known } = check;
  if (status === 'passed') return 'passed';
  if (known !== undefined) return 'skipped';
  if (status === 'error') return 'error';
  return failsRun(check, report) ? 'failure' : 'skipped';
}

function describe(check: CheckResult, report: ConformanceReport): string {
  const { message, why, evidence } = check;
  return [
    message,
    ...(check.followsFrom === undefined ? [] : [`Follows from ${check.followsFrom}, which has the same cause.`]),
    `Effect: ${nameImpact(check)}. ${why}`,
    ...describePlatformEffect(check).map(([label, text]) => `${label}: ${text}`),
    ...evidence.map(({ request, expected, answered }) => `$ ${request}\nExpected: ${expected}\nResponse: ${answered}`),
    ...findFurtherFix(check, report).map(({ stack, text }) => `${stackNames[stack]}: ${text}`),
    ...(check.clauses.length === 0 ? [] : [`Clauses: ${listClauses(check, report)}`]),
  ].join('\n\n');
}

/** Returns the test of a check. The latency is part of the test that measured it, because few viewers show properties of a suite. */
function toTestCase(check: CheckResult, report: ConformanceReport): TestCase {
  const { latency } = report;
  const { id, title, topic, status, ruleSet, level, message, known, durationMs } = check;
  const measured = latency && id === latencyCheckId ? `Latency of ${wordLatency(latency)}.` : '';
  const outcome = findOutcome(check, report);
  const prefix = `${ruleSet}: ${status}. ${known ? `Known: ${known.reason} ` : ''}`;
  return {
    suite: topic,
    name: `${id}: ${title}`,
    seconds: durationMs / 1000,
    outcome,
    type: `${ruleSet} ${level} ${status}`,
    message: isViolation(check) || known ? `${prefix}${title}` : message,
    text: [isViolation(check) ? describe(check, report) : '', measured].filter((part) => part !== '').join('\n\n'),
  };
}

/** Returns other reasons for which a run fails, as separate tests. */
function findOtherCases(report: ConformanceReport): TestCase[] {
  const other = { seconds: 0, text: '' };
  const stale = describeStaleEntries(report).map((message, index) => ({
    ...other,
    suite: 'Baseline',
    name: `${report.baseline?.stale[index]?.check} is not stale in the baseline`,
    outcome: 'failure' as const,
    type: 'stale baseline',
    message,
  }));
  if (report.checks.length > 0) return stale;
  const reached = { ...other, suite: 'Endpoint', name: 'can be reached and tested', type: 'could not run' };
  return [...stale, { ...reached, outcome: 'error', message: report.reason ?? 'No check was run.' }];
}

function renderCase({ suite, name, seconds, outcome, type, message, text }: TestCase): string {
  const head = `    <testcase${toXmlAttributes({ classname: suite, name, time: seconds.toFixed(3) })}`;
  // For a test that did not fail, viewers show its output.
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

/** Renders the report as one `<testsuites>`, with one suite per topic. */
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
  const name = `user-info conform ${[report.target.url, describeRoute(report)].join(' ').trim()}`;
  const head = toXmlAttributes({ name, ...countCases([...suites.values()].flat()) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${rendered.join('')}</testsuites>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Returns the text of an element. Characters that XML cannot represent, such as control characters, are escaped, e.g. as `\u{1b}`. */
export function toXmlText(text: string): string {
  return makeVisible(text).replace(/[&<>]/g, (character) => entities[character] ?? '');
}

/** Renders ` name="value"` for each attribute that is set. */
export function toXmlAttributes(attributes: Readonly<Record<string, string | number>>): string {
  const write = (value: string | number) =>
    makeVisible(String(value)).replace(/[&<>"\n]/g, (character) => entities[character] ?? '');
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${write(value)}"`)
    .join('');
}
