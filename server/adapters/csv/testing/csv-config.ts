// Loaded configurations of the CSV adapter, and CSV text, for tests.
import type { CsvColumnsConfig, CsvSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';

/** All options at their defaults but those given. */
export function csvConfig(
  path: string,
  columns: Partial<CsvColumnsConfig>,
  options: Partial<Omit<CsvSourceConfig, 'columns' | 'path' | 'type'>> = {},
): CsvSourceConfig {
  return {
    type: 'csv',
    path,
    delimiter: ',',
    quote: '"',
    encoding: 'utf-8',
    header: true,
    trim: false,
    layout: 'wide',
    duplicates: 'error',
    caseInsensitive: false,
    maxErrors: 50,
    maxShrinkPercent: 20,
    pollSeconds: 30,
    ...options,
    columns: { userid: 'userid', groups: [], authorizations: [], rename: {}, ...columns },
  };
}

/** Rows as CSV, each field in quotes. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`).join('');
}
