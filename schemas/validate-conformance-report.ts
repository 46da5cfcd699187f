// Compiled validator of conformance reports. Separate from the others, so that a starting server does not load it.
import { loadValidator } from './compile-schema.ts';
import type { ConformanceReport } from './generated/conformance-report.ts';

/** The JSON report of a conformance run. */
export const validateConformanceReport = loadValidator<ConformanceReport>('conformance-report');
