// Report for a terminal.
import pc from 'picocolors';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { isViolation } from '../fail-on.ts';
import { wordLatency } from '../latency.ts';
import {
  clausesInWords,
  countInWords,
  findFurtherFix,
  findParts,
  groupByTopic,
  impactInWords,
  limitsInWords,
  routeInWords,
  splitMessage,
  stackNames,
  staleInWords,
  verdictWords,
} from './report-parts.ts';

/** How wide and how coloured; both are the caller's to know. */
export interface ConsoleStyle {
  readonly isColored: boolean;
  /** Columns of the terminal; lines are wrapped at spaces to fit. */
  readonly columns: number;
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

/** Lines of at most `columns`, each after `indent`; a word that is longer stays whole, so that a URL can be copied. */
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

/** One line per check, and the reason for a check without a result. */
function renderLine(check: CheckResult, colors: Colors, columns: number): string[] {
  const word = check.known ? `known, ${check.status}` : check.status;
  const suffix = word === 'passed' ? '' : ` (${word})`;
  const [first = '', ...rest] = wrap(`${check.title}${suffix}`, '    ', columns);
  const title = [`  ${colorOf(check, colors)(marks[check.status])} ${first.trimStart()}`, ...rest];
  if (check.status === 'passed' || isViolation(check)) return title;
  return [...title, ...wrap(check.message, '      ', columns).map((line) => colors.dim(line))];
}

/** Label and text, the lines of the text under one another. */
function renderPair(label: string, text: string, colors: Colors, columns: number): string[] {
  const [first = '', ...rest] = wrap(text, ' '.repeat(16), columns);
  return [`    ${colors.dim(label.padEnd(12))}${first.trimStart()}`, ...rest];
}

/** A violation with evidence and advice. */
function renderViolation(check: CheckResult, report: ConformanceReport, colors: Colors, columns: number): string[] {
  const { id, title, why, evidence, ruleSet } = check;
  const pair = (label: string, text: string) => renderPair(label, text, colors, columns);
  const [first = '', ...rest] = wrap(title, '    ', columns);
  return [
    `  ${colorOf(check, colors)(marks[check.status])} ${colors.bold(first.trimStart())}`,
    ...rest.map((line) => colors.bold(line)),
    ...pair('rule set', ruleSet),
    ...pair('effect', impactInWords(check)),
    ...pair('why', why),
    ...splitMessage(check).flatMap(([label, text]) => pair(label.toLowerCase(), text)),
    // A command stays on one line, so that it can be copied.
    ...evidence.flatMap(({ request, answered }) => [
      `    $ ${request.replaceAll('\n', ' ')}`,
      ...pair('answered', answered),
    ]),
    ...findFurtherFix(check).flatMap(({ stack, text }) => pair(stack === 'any' ? 'to fix' : stackNames[stack], text)),
    ...(ruleSet === 'custom'
      ? pair('check', id)
      : [...pair('clauses', clausesInWords(check, report)), ...pair('more', `user-info explain ${id}`)]),
    '',
  ];
}

/** Renders the report as text: the checks by topic, the violations with advice, failures last, and the verdict in the last line. */
export function renderConsoleReport(unsafe: ConformanceReport, { isColored, columns }: ConsoleStyle): string {
  const report = makeAllVisible(unsafe);
  const colors = pc.createColors(isColored);
  const { failures, warnings, knownFailures } = findParts(report);
  const section = (title: string, lines: readonly string[]) => (lines.length > 0 ? [colors.bold(title), ...lines] : []);
  const item = (text: string) => {
    const [first = '', ...rest] = wrap(text.replaceAll('\n', ' '), '    ', columns);
    return [`  - ${first.trimStart()}`, ...rest];
  };
  const items = (texts: readonly string[]) => (texts.length > 0 ? [...texts.flatMap(item), ''] : []);

  const lines = [
    ...[...groupByTopic(report.checks)].flatMap(([topic, checks]) => [
      colors.bold(topic),
      ...checks.flatMap((check) => renderLine(check, colors, columns)),
      '',
    ]),
    ...section(
      'Warnings, the most severe first',
      warnings.flatMap((check) => renderViolation(check, report, colors, columns)),
    ),
    ...section(
      'Failures, the most severe first',
      failures.flatMap((check) => renderViolation(check, report, colors, columns)),
    ),
    ...section(
      'Known violations',
      items(
        knownFailures.map(
          ({ id, known }) => `${id}: ${known?.reason}${known?.until === undefined ? '' : ` (until ${known.until})`}`,
        ),
      ),
    ),
    ...section('The baseline is stale', items(staleInWords(report))),
    ...(report.latency ? [...wrap(`Latency of ${wordLatency(report.latency)}.`, '', columns), ''] : []),
    ...section('Left out', items(report.leftOut)),
  ];
  const counts = countInWords(report);
  const verdictColor = { conforms: colors.green, 'does-not-conform': colors.red, 'could-not-run': colors.yellow };
  if (report.reason !== undefined) lines.push(...wrap(report.reason, '', columns));
  const route = routeInWords(report);
  if (route !== '') lines.push(...wrap(`Requests were sent ${route}.`, '', columns));
  const limits = limitsInWords(report);
  const words = `${verdictWords[report.verdict]}${limits === '' ? '' : `, ${limits}`}`;
  const facts = `contract ${report.contract.version}${counts === '' ? '' : `; ${counts}`}`;
  const verdict = `${report.target.url} ${words} (${facts}).`;
  // One line of any length, for scripts that read the last line.
  lines.push(verdictColor[report.verdict](verdict));
  return `${lines.join('\n')}\n`;
}
