// Owns the form of a report that people read on a terminal.
import pc from 'picocolors';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';

/** How wide and how coloured; both are the caller's to know. */
export interface ConsoleStyle {
  readonly isColored: boolean;
  /** Columns of the terminal; lines are wrapped at spaces to fit. */
  readonly columns: number;
}

const verdictWords: Readonly<Record<ConformanceReport['verdict'], string>> = {
  conforms: 'conforms',
  'does-not-conform': 'does not conform',
  'could-not-run': 'could not be judged',
};

const marks: Readonly<Record<CheckResult['status'], string>> = {
  passed: '✓',
  failed: '✗',
  untestable: '–',
  skipped: '–',
  error: '✗',
};

/** Lines of at most `columns`, each after `indent`; a word that is longer stays whole, so that a URL can be copied. */
function wrap(text: string, indent: string, columns: number): string[] {
  const width = Math.max(columns - indent.length, 20);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => indent + each);
}

/** The report as text: the checks by topic, what to change below each that failed, and the verdict in the last line. */
export function renderConsoleReport(report: ConformanceReport, { isColored, columns }: ConsoleStyle): string {
  const colors = pc.createColors(isColored);
  const colorOf = ({ status, level }: CheckResult) =>
    status === 'passed'
      ? colors.green
      : status === 'failed'
        ? level === 'MUST'
          ? colors.red
          : colors.yellow
        : colors.dim;

  function renderCheck(check: CheckResult): string[] {
    const word = check.status === 'passed' || check.status === 'failed' ? '' : ` (${check.status})`;
    const [first = '', ...rest] = wrap(`${check.title}${word}`, '    ', columns);
    const title = [`  ${colorOf(check)(marks[check.status])} ${first.trimStart()}`, ...rest];
    if (check.status === 'passed') return title;
    const message = check.message.split('\n').flatMap((line) => wrap(line, '      ', columns));
    if (check.status !== 'failed') return [...title, ...message.map((line) => colors.dim(line))];
    return [
      ...title,
      ...message,
      ...wrap(`${check.id}; source: ${check.source}`, '      ', columns).map((line) => colors.dim(line)),
    ];
  }

  const { summary, target } = report;
  const topics = [...new Set(report.checks.map(({ topic }) => topic))];
  const lines = topics.flatMap((topic) => [
    colors.bold(topic),
    ...report.checks.filter((check) => check.topic === topic).flatMap(renderCheck),
    '',
  ]);
  const counts = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const verdictColor =
    report.verdict === 'conforms' ? colors.green : report.verdict === 'does-not-conform' ? colors.red : colors.yellow;
  const verdict = `${target.url} ${verdictWords[report.verdict]}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
  if (report.reason !== undefined) lines.push(...wrap(report.reason, '', columns));
  lines.push(...wrap(`${verdict}.`, '', columns).map((line) => verdictColor(line)));
  return `${lines.join('\n')}\n`;
}
