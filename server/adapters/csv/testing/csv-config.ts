// Loaded configurations of the CSV adapter, and CSV text, for tests.
import type { CsvColumnsConfig, CsvSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { findSchemaFaults } from '../../../config/schema-faults.ts';

/** Returns the given options, with the schema's defaults for all others. The rules of the options are not evaluated. */
export function csvConfig(
  path: string,
  columns: Partial<CsvColumnsConfig>,
  options: Partial<Omit<CsvSourceConfig, 'columns' | 'path' | 'type'>> = {},
): CsvSourceConfig {
  const source = { type: 'csv', path, ...options, columns: { userid: 'userid', ...columns } };
  const faults = findSchemaFaults({ authentication: { mode: 'none' }, source });
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return source as CsvSourceConfig;
}

/** Returns rows as CSV, each field in quotes. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`).join('');
}
