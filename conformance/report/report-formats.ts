// Owns the formats in which a report can be written to a file, by the name that --report takes.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { renderConsoleReport } from './console-report.ts';
import { renderHtmlReport } from './html-report.ts';
import { renderJsonReport } from './json-report.ts';
import { renderJunitReport } from './junit-report.ts';
import { renderMarkdownReport } from './markdown-report.ts';
import { renderSarifReport } from './sarif-report.ts';

/** Name to renderer. A new format is a file and a line here. */
export const reportFormats: ReadonlyMap<string, (report: ConformanceReport) => string> = new Map([
  ['html', renderHtmlReport],
  ['json', renderJsonReport],
  ['junit', renderJunitReport],
  ['markdown', renderMarkdownReport],
  ['sarif', renderSarifReport],
  ['text', (report) => renderConsoleReport(report, { isColored: false, columns: 100 })],
]);
