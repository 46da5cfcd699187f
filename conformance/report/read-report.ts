// Reader of JSON reports of `user-info conform`.
import { readFileSync } from 'node:fs';
import { loadValidator } from '../../schemas/compile-schema.ts';
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { describeSchemaErrors } from '../../schemas/validators.ts';

/** The validator of a JSON report. Not in schemas/validators.ts, so that a starting server does not load it. */
export const validateConformanceReport = loadValidator<ConformanceReport>('conformance-report');

/** Returns the report in a file; null: it cannot be used, and `faults` contains the reason. */
export function readReport(file: string, faults: string[]): ConformanceReport | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    faults.push(
      `${file} ${code === undefined ? 'is not JSON' : `cannot be read (${code})`}: specify a report written with --report json=FILE.`,
    );
    return null;
  }
  if (validateConformanceReport(value)) return value;
  const complaint = describeSchemaErrors(validateConformanceReport.errors);
  faults.push(
    `${file} is not a report of this version of the kit: ${complaint}. Write a new one with --report json=FILE.`,
  );
  return null;
}
