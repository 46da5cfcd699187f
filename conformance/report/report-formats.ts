// Owns the formats in which a report can be written to a file, by the name that --report takes.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { renderJsonReport } from './json-report.ts';

/** Name to renderer. A new format is a file and a line here. */
export const reportFormats: ReadonlyMap<string, (report: ConformanceReport) => string> = new Map([
  ['json', renderJsonReport],
]);
