// Owns the form of a report that people read on a terminal.
import pc from 'picocolors';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { wordLatency } from '../latency.ts';
import {
  countInWords,
  findFurtherMend,
  findParts,
  groupByTopic,
  platformVerdicts,
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

function colorOf({ status, level, known }: CheckResult, colors: Colors) {
  if (status === 'passed') return colors.green;
  if (status !== 'failed' || known !== undefined) return colors.dim;
  return level === 'MUST' ? colors.red : colors.yellow;
}

/** One line a check, and for what was not judged the reason. */
function renderLine(check: CheckResult, colors: Colors, columns: number): string[] {
  const word = check.known ? (check.status === 'failed' ? 'known failure' : `known, ${check.status}`) : check.status;
  const suffix = word === 'passed' || word === 'failed' ? '' : ` (${word})`;
  const [first = '', ...rest] = wrap(`${check.title}${suffix}`, '    ', columns);
  const title = [`  ${colorOf(check, colors)(marks[check.status])} ${first.trimStart()}`, ...rest];
  if (check.status === 'passed' || check.status === 'failed') return title;
  return [...title, ...wrap(check.message, '      ', columns).map((line) => colors.dim(line))];
}

/** Label and text, the lines of the text under one another. */
function renderPair(label: string, text: string, colors: Colors, columns: number): string[] {
  const [first = '', ...rest] = wrap(text, ' '.repeat(16), columns);
  return [`    ${colors.dim(label.padEnd(12))}${first.trimStart()}`, ...rest];
}

/** All that helps to mend a failure. */
function renderFailure(check: CheckResult, colors: Colors, columns: number): string[] {
  const { id, title, why, evidence, source, platformVerdict } = check;
  const pair = (label: string, text: string) => renderPair(label, text, colors, columns);
  const [first = '', ...rest] = wrap(title, '    ', columns);
  return [
    `  ${colorOf(check, colors)(marks.failed)} ${colors.bold(first.trimStart())}`,
    ...rest.map((line) => colors.bold(line)),
    ...pair('platform', platformVerdicts[platformVerdict].name),
    ...pair('why', why),
    ...splitMessage(check).flatMap(([label, text]) => pair(label.toLowerCase(), text)),
    // A command stays on one line: it is there to be copied.
    ...evidence.flatMap(({ request, answered }) => [
      `    $ ${request.replaceAll('\n', ' ')}`,
      ...pair('answered', answered),
    ]),
    ...findFurtherMend(check).flatMap(({ stack, text }) => pair(stack === 'any' ? 'to mend' : stackNames[stack], text)),
    ...pair('source', source),
    ...pair('more', `user-info explain ${id}`),
    '',
  ];
}

/** The report as text: the checks by topic, the failures with what to change, the worst first, and the verdict in the last line. */
export function renderConsoleReport(unsafe: ConformanceReport, { isColored, columns }: ConsoleStyle): string {
  const report = makeAllVisible(unsafe);
  const colors = pc.createColors(isColored);
  const { failures, knownFailures } = findParts(report);
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
      'Failures, the worst first',
      failures.flatMap((check) => renderFailure(check, colors, columns)),
    ),
    ...section(
      'Known failures',
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
  if (route !== '') lines.push(...wrap(`Asked ${route}.`, '', columns));
  const verdict = `${report.target.url} ${verdictWords[report.verdict]}${counts === '' ? '' : `: ${counts}`}.`;
  // One line whatever its length, for scripts that take the last one.
  lines.push(verdictColor[report.verdict](verdict));
  return `${lines.join('\n')}\n`;
}
