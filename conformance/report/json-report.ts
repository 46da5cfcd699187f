// JSON report, as described by schemas/conformance-report.schema.json.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { escapeOrdersInJson } from '../../schemas/printable-text.ts';

/** Renders the report as indented JSON with a line break at the end. */
export function renderJsonReport(report: ConformanceReport): string {
  return escapeOrdersInJson(`${JSON.stringify(report, null, 2)}\n`);
}
