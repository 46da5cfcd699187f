// Report for a terminal.
import pc from 'picocolors';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { isViolation } from '../fail-on.ts';
import { wordLatency } from '../http/latency.ts';
import { describeMissingKinds } from '../user-kinds.ts';
import {
  describeCounts,
  describeFollowers,
  describeLimits,
  describePlatformEffect,
  describeRoute,
  describeStaleEntries,
  describeVerdict,
  findFurtherFix,
  findParts,
  foldPart,
  groupByTopic,
  listClauses,
  nameImpact,
  splitMessage,
  stackNames,
  verdictColorOf,
} from './report-parts.ts';
import { describeCountsOf, summarizeNotRun, summarizeTopics, type TopicSummary } from './report-summary.ts';

/** Display options. */
export interface ConsoleStyle {
  readonly isColored: boolean;
  /** Columns of the terminal; lines are wrapped at spaces to fit. */
  readonly columns: number;
  /** Whether to list every check and to show warnings with all details. Default: false. */
  readonly isVerbose?: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

const marks: Readonly<Record<CheckResult['status'], string>> = {
  passed: '✓',
  failed: '✗',
  warning: '!',
  info: 'i',
  untestable: '–',
  skipped: '–',
  error: '✗',
};

/** Returns lines of at most `columns`, each prefixed with `indent`; does not break longer words, so that URLs can be copied. */
export function wrap(text: string, indent: string, columns: number): string[] {
  const width = Math.max(columns - indent.length, 20);
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line].map((each) => indent + each);
  });
}

function colorOf({ status, known }: CheckResult, colors: Colors) {
  if (status === 'passed') return colors.green;
  if (known !== undefined) return colors.dim;
  if (status === 'failed') return colors.red;
  return status === 'warning' ? colors.yellow : colors.dim;
}

/** Renders one line per check, and the reason for a check without a result. */
function renderLine(check: CheckResult, colors: Colors, columns: number): string[] {
  const word = check.known ? `known, ${check.status}` : check.status;
  const suffix = word === 'passed' ? '' : ` (${word})`;
  const [first = '', ...rest] = wrap(`${check.title}${suffix}`, '      ', columns);
  const title = [`    ${colorOf(check, colors)(marks[check.status])} ${first.trimStart()}`, ...rest];
  if (check.status === 'passed' || isViolation(check)) return title;
  return [...title, ...wrap(check.message, '        ', columns).map((line) => colors.dim(line))];
}

const topicMarks: Readonly<Record<TopicSummary['worst'], string>> = {
  failed: '✗',
  warning: '!',
  passed: '✓',
  none: '–',
};

/** Renders one line per topic with counts; with `isVerbose`, each of its checks below it. */
function renderTopics(topics: readonly TopicSummary[], colors: Colors, { columns, isVerbose }: ConsoleStyle): string[] {
  const width = Math.max(0, ...topics.map(({ topic }) => topic.length));
  const colorOfTopic = { failed: colors.red, warning: colors.yellow, passed: colors.green, none: colors.dim };
  return topics.flatMap(({ topic, checks, worst, words }) => [
    `${colorOfTopic[worst](topicMarks[worst])} ${topic.padEnd(width)}  ${colors.dim(words)}`,
    ...(isVerbose ? [...checks.flatMap((check) => renderLine(check, colors, columns)), ''] : []),
  ]);
}

/** Renders label and text, with the lines of the text aligned. */
function renderPair(label: string, text: string, colors: Colors, columns: number): string[] {
  const [first = '', ...rest] = wrap(text, ' '.repeat(16), columns);
  return [`    ${colors.dim(label.padEnd(12))}${first.trimStart()}`, ...rest];
}

/**
 * Renders a violation: what was sent, what was received, what was expected, why it matters and how to fix it. `isShort` leaves out the effect, the
 * responses, all requests but the first, the fixes for other stacks, and the references.
 */
function renderViolation(
  check: CheckResult,
  report: ConformanceReport,
  colors: Colors,
  {
    columns,
    isShort,
    followers,
  }: { readonly columns: number; readonly isShort: boolean; readonly followers: readonly CheckResult[] },
): string[] {
  const { id, title, why, evidence, ruleSet } = check;
  const pair = (label: string, text: string) => renderPair(label, text, colors, columns);
  const message = splitMessage(check);
  const said = (wanted: string, label: string) =>
    message
      .filter(([each]) => each === wanted)
      .flatMap(([, text]) =>
        pair(label, label === 'to fix' ? text.replace(/^./, (letter) => letter.toUpperCase()) : text),
      );
  const references =
    ruleSet === 'custom'
      ? pair('check', id)
      : [
          ...pair('clauses', `${listClauses(check, report)}, rule set ${ruleSet}`),
          ...pair('more', `user-info explain ${id}`),
        ];
  const [first = '', ...rest] = wrap(isShort ? `${title} (${id})` : title, '    ', columns);
  return [
    `  ${colorOf(check, colors)(marks[check.status])} ${colors.bold(first.trimStart())}`,
    ...rest.map((line) => colors.bold(line)),
    ...(isShort ? [] : pair('effect', nameImpact(check))),
    ...describePlatformEffect(check).flatMap(([, text]) => pair('platform', text)),
    ...(followers.length > 0 ? pair('follows', describeFollowers(followers)) : []),
    ...said('Asked', 'sent'),
    // A command stays on one line, so that it can be copied.
    ...evidence
      .slice(0, isShort ? 1 : undefined)
      .flatMap(({ request, answered }) => [
        `    $ ${request.replaceAll('\n', ' ')}`,
        ...(isShort ? [] : pair('answered', answered)),
      ]),
    ...said('Seen', 'seen'),
    ...said('Expected', 'expected'),
    ...said('Repeated', 'repeated'),
    ...said('', ''),
    ...pair('why', why),
    ...said('To change', 'to fix'),
    ...findFurtherFix(check, report)
      .filter(({ stack }) => !isShort || stack === 'any' || stack === report.stack)
      .flatMap(({ stack, text }) => pair(stack === 'any' ? 'to fix' : stackNames[stack], text)),
    ...(isShort ? [] : references),
    '',
  ];
}

/** Renders the flags that would make the checks without a result run, one line per set of flags. */
function renderNotRun(report: ConformanceReport, colors: Colors, columns: number): string[] {
  const lines = summarizeNotRun(report);
  const width = Math.max(0, ...lines.filter(({ isFlag }) => isFlag).map(({ what }) => what.length));
  return lines.flatMap((line) => {
    const text = line.isFlag
      ? `${line.what.padEnd(width)}  ${describeCountsOf(line)}`
      : `${describeCountsOf(line)}: ${line.what}`;
    // A line of flags is aligned in columns if it fits.
    if (text.length + 2 <= columns) return [`  ${line.isFlag ? text : colors.dim(text)}`];
    return wrap(text, '  ', columns);
  });
}

/**
 * Renders the report as text: one line per topic, warnings by topic, failures of the contract, the flags that would make the remaining checks run,
 * and the verdict in the last line.
 */
export function renderConsoleReport(unsafe: ConformanceReport, style: ConsoleStyle): string {
  const report = makeAllVisible(unsafe);
  const { isColored, columns, isVerbose = false } = style;
  const colors = pc.createColors(isColored);
  const { failures, warnings, knownFailures } = findParts(report);
  const foldedFailures = foldPart(failures);
  const foldedWarnings = foldPart(warnings);
  const section = (title: string, lines: readonly string[]) => (lines.length > 0 ? [colors.bold(title), ...lines] : []);
  const item = (text: string) => {
    const [first = '', ...rest] = wrap(text.replaceAll('\n', ' '), '    ', columns);
    return [`  - ${first.trimStart()}`, ...rest];
  };
  const items = (texts: readonly string[]) => (texts.length > 0 ? [...texts.flatMap(item), ''] : []);
  const topics = renderTopics(summarizeTopics(report), colors, style);
  const notRun = renderNotRun(report, colors, columns);
  const missingKinds = describeMissingKinds(report);

  const lines = [
    ...topics,
    ...(topics.length > 0 && !isVerbose ? [''] : []),
    ...section(
      'Warnings, which do not change the verdict',
      [...groupByTopic(foldedWarnings.roots)].flatMap(([topic, checks]) => [
        `  ${colors.bold(topic)}`,
        ...checks.flatMap((check) =>
          renderViolation(check, report, colors, {
            ...{ columns, isShort: !isVerbose },
            followers: foldedWarnings.followersOf(check),
          }),
        ),
      ]),
    ),
    ...section(
      'Failures, most severe first',
      foldedFailures.roots.flatMap((check) =>
        renderViolation(check, report, colors, {
          ...{ columns, isShort: false },
          followers: foldedFailures.followersOf(check),
        }),
      ),
    ),
    ...section(
      'Known violations',
      items(
        knownFailures.map(
          ({ id, known }) => `${id}: ${known?.reason}${known?.until === undefined ? '' : ` (until ${known.until})`}`,
        ),
      ),
    ),
    ...section('The baseline is stale', items(describeStaleEntries(report))),
    ...(isVerbose ? section('Left out', items(report.leftOut)) : []),
    ...(notRun.length > 0 ? [...section('Checks not run, and the flags that run them', notRun), ''] : []),
    ...(missingKinds === '' ? [] : [...wrap(missingKinds, '', columns), '']),
    ...(report.latency ? wrap(`Latency of ${wordLatency(report.latency)}.`, '', columns) : []),
  ];
  const counts = describeCounts(report);
  const verdictColor = { conforms: colors.green, 'does-not-conform': colors.red, 'could-not-run': colors.yellow };
  if (report.reason !== undefined) lines.push(...wrap(report.reason, '', columns));
  const route = describeRoute(report);
  if (route !== '') lines.push(...wrap(`Requests were sent ${route}.`, '', columns));
  const limits = describeLimits(report);
  const words = `${describeVerdict(report)}${limits === '' ? '' : `, ${limits}`}`;
  const facts = `contract ${report.contract.version}${counts === '' ? '' : `; ${counts}`}`;
  const verdict = `${report.target.url} ${words} (${facts}).`;
  // One line of any length, for scripts that read the last line.
  lines.push(verdictColor[verdictColorOf(report)](verdict));
  return `${lines.join('\n')}\n`;
}
