// Owns the JSON form of a report, which holds schemas/conformance-report.schema.json.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';

/** The report as indented JSON with a line break at the end. */
export function renderJsonReport(report: ConformanceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
