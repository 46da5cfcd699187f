// Owns the compiled validator of a conformance run's report. Apart from the others: a server that starts does not load it.
import { loadValidator } from './compile-schema.ts';
import type { ConformanceReport } from './generated/conformance-report.ts';

/** The JSON report of a conformance run. */
export const validateConformanceReport = loadValidator<ConformanceReport>('conformance-report');
