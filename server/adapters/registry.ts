// Owns the list of adapters: the only file that names them all.
import type { GuardsConfig, SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { guardSource } from '../guards/guard-source.ts';
import type { GuardTallies } from '../guards/guard-tally.ts';
import { createCsvSource } from './csv/csv-source.ts';
import { createHttpProxySource } from './http-proxy/http-proxy-source.ts';
import { createSqlSource } from './sql/sql-source.ts';
import { createStaticSource } from './static/static-source.ts';
import type { AdapterContext, UserSource } from './user-source.ts';

/** A source and what stands around it, as a configuration has them side by side. */
export interface GuardedSourceConfig {
  readonly source: SourceConfig;
  readonly guards?: GuardsConfig;
}

/** What a source is made with. */
export interface SourceContext extends AdapterContext {
  /** Where guards count what they do. */
  readonly guardTallies: GuardTallies;
}

/** Makes a source with its guards around it; without any it is the source itself. @throws {SourceError} as `createSource`. */
export async function createGuardedSource(
  { source, guards }: GuardedSourceConfig,
  context: SourceContext,
): Promise<UserSource> {
  const { log, guardTallies } = context;
  return guardSource(await createSource(source, context), guards, { log, tally: guardTallies.of('whole') });
}

/**
 * Makes the source that the configuration asks for, ready to serve.
 *
 * @throws {SourceError} when it can't serve from the start (file missing or faulty); the message is for people.
 */
async function createSource(config: SourceConfig, context: AdapterContext): Promise<UserSource> {
  switch (config.type) {
    case 'static':
      return createStaticSource(config);
    case 'csv':
      return createCsvSource(config, context);
    case 'http-proxy':
      return createHttpProxySource(config);
    case 'sql':
      return createSqlSource(config, context);
  }
}
