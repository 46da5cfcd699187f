// Owns the list of adapters, and what each is made with.
import type { GuardsConfig, SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { guardSource } from '../guards/guard-source.ts';
import type { GuardTallies, GuardTally } from '../guards/guard-tally.ts';
import { createMergeSource } from '../guards/merge/merge-source.ts';
import { createCsvSource } from './csv/csv-source.ts';
import { createHttpProxySource } from './http-proxy/http-proxy-source.ts';
import { createLdapSource } from './ldap/ldap-source.ts';
import { createLdifSource } from './ldap/ldif-source.ts';
import { createModuleSource } from './module/module-source.ts';
import { createSqlSource } from './sql/sql-source.ts';
import { createStaticSource } from './static/static-source.ts';
import type { AdapterContext, PoolStatus, UserSource } from './user-source.ts';

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

/**
 * Makes a source with its guards around it; without any it is the source itself.
 *
 * @param part names it in metrics: "whole", or the merged source that it is.
 * @throws {SourceError} as `createSource`.
 */
export async function createGuardedSource(
  { source, guards }: GuardedSourceConfig,
  context: SourceContext,
  part = 'whole',
): Promise<UserSource> {
  const { log, guardTallies } = context;
  const made = await createSource(source, context, part);
  const tally = guardTallies.of(part);
  if (made.pool) addPoolGauges(tally, made.pool.bind(made));
  // Secrets stand in it as their references.
  const space = JSON.stringify({ source, guards });
  return guardSource(made, guards, { log, space, tally });
}

function addPoolGauges(tally: GuardTally, pool: () => PoolStatus): void {
  tally.gauge('user_info_pool_connections', () => pool().open);
  tally.gauge('user_info_pool_busy_connections', () => pool().busy);
  tally.gauge('user_info_pool_waiting', () => pool().waiting);
}

/**
 * Makes the source that the configuration asks for, ready to serve.
 *
 * @throws {SourceError} when it can't serve from the start (file missing or faulty); the message is for people.
 */
async function createSource(config: SourceConfig, context: SourceContext, part: string): Promise<UserSource> {
  switch (config.type) {
    case 'static':
      return createStaticSource(config);
    case 'csv':
      return createCsvSource(config, context);
    case 'merge':
      return createMergeSource(config, {
        log: context.log,
        tallyOf: (name) => context.guardTallies.of(partOf(part, name)),
        open: (member, log) => createGuardedSource(member, { ...context, log }, partOf(part, member.name)),
      });
    case 'http-proxy':
      return createHttpProxySource(config);
    case 'module':
      return createModuleSource(config, context);
    case 'sql':
      return createSqlSource(config, context);
    case 'ldap':
      return createLdapSource(config, context);
    case 'ldif':
      return createLdifSource(config, context);
  }
}

function partOf(part: string, name: string): string {
  return part === 'whole' ? name : `${part}/${name}`;
}
