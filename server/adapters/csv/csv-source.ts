// Owns the adapter `csv`: a file of users, served from memory and reloaded when it changes.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterContext, SourceError, type UserSource } from '../user-source.ts';

export async function createCsvSource(_config: CsvSourceConfig, _context: AdapterContext): Promise<UserSource> {
  throw new SourceError('unavailable', 'The csv adapter is not built yet.');
}
