// Owns the list of adapters: the only file that names them all.
import type { SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createCsvSource } from './csv/csv-source.ts';
import { createStaticSource } from './static/static-source.ts';
import type { AdapterContext, UserSource } from './user-source.ts';

/**
 * Makes the source that the configuration asks for, ready to serve.
 *
 * @throws {SourceError} when it can't serve from the start (file missing or faulty); the message is for people.
 */
export async function createSource(config: SourceConfig, context: AdapterContext): Promise<UserSource> {
  switch (config.type) {
    case 'static':
      return createStaticSource(config);
    case 'csv':
      return createCsvSource(config, context);
  }
}
