// Adapter `csv`: users in a CSV file.
import { probeFile } from '../../doctor/probes/probe-file.ts';
import type { Adapter } from '../adapter.ts';
import { csvOptionRules } from './csv-option-rules.ts';

const csv: Adapter<'csv'> = {
  type: 'csv',
  validate: csvOptionRules,
  create: async (config, context) => (await import('./csv-source.ts')).createCsvSource(config, context),
  diagnose: ({ path }) => probeFile(path),
};
export default csv;
