// Formats of a report, by the name in --report.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { escapeOrdersInJson } from '../../schemas/printable-text.ts';
import { renderConsoleReport } from './console-report.ts';
import { renderHtmlReport } from './html-report.ts';
import { renderJunitReport } from './junit-report.ts';
import { renderMarkdownReport } from './markdown-report.ts';
import { renderSarifReport } from './sarif-report.ts';

/** Name to renderer. To add a format, add a file, and a line here. */
const renderers = {
  html: renderHtmlReport,
  json: renderJsonReport,
  junit: renderJunitReport,
  markdown: renderMarkdownReport,
  sarif: renderSarifReport,
  text: (report) => renderConsoleReport(report, { isColored: false, columns: 100 }),
} satisfies Readonly<Record<string, (report: ConformanceReport) => string>>;

/** A report format; `text` is the terminal's output without colors. */
export type ReportFormat = keyof typeof renderers;

export const reportFormats: readonly ReportFormat[] = Object.keys(renderers) as ReportFormat[];

function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(renderers, name);
}

/**
 * Renders the report as the text of a file, UTF-8. Text from an endpoint remains text in every format.
 *
 * @throws {TypeError} if there is no such format.
 */
export function renderReport(report: ConformanceReport, format: ReportFormat): string {
  if (!isReportFormat(format)) {
    throw new TypeError(`renderReport: there is no format "${format}"; formats: ${reportFormats.join(', ')}.`);
  }
  return renderers[format](report);
}

/** Renders the report as indented JSON with a line break at the end. */
export function renderJsonReport(report: ConformanceReport): string {
  return escapeOrdersInJson(`${JSON.stringify(report, null, 2)}\n`);
}
