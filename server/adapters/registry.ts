// List of adapters, and how a configured source is created.
import type { GuardsConfig, SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { GuardTallies, GuardTally } from '../guards/guard-tally.ts';
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
  const allowsNoGroups = allowsNoGroupsIn(guards, context.allowsNoGroups ?? false);
  const made = await createSource(source, { ...context, allowsNoGroups }, part);
  const tally = guardTallies.of(part);
  if (made.pool) addPoolGauges(tally, made.pool.bind(made));
  if (guards === undefined) return made;
  const { guardSource } = await import('../guards/guard-source.ts');
  const { cache } = guards;
  if (cache?.shared === undefined) return guardSource(made, guards, { log, tally });
  const { openRedisCache } = await import('../guards/shared-cache/redis-cache.ts');
  // Secrets stand in it as their references.
  const space = JSON.stringify({ source, guards });
  const sharedCache = openRedisCache(cache.shared, cache, { log, tally, space });
  return guardSource(made, guards, { log, tally, sharedCache });
}

/** Whether guards allow users without groups; guards that do not say so have it from those around them. */
export function allowsNoGroupsIn(guards: GuardsConfig | undefined, around: boolean): boolean {
  const onNoGroups = guards?.answers?.onNoGroups;
  return onNoGroups === undefined ? around : onNoGroups === 'allow';
}

function addPoolGauges(tally: GuardTally, pool: () => PoolStatus): void {
  tally.gauge('user_info_pool_connections', () => pool().open);
  tally.gauge('user_info_pool_busy_connections', () => pool().busy);
  tally.gauge('user_info_pool_waiting', () => pool().waiting);
}

/**
 * Makes the source that the configuration asks for, ready to serve. Only what it needs is loaded: all adapters with their drivers
 * take longer than the rest of a start.
 *
 * @throws {SourceError} when it can't serve from the start (file missing or faulty); the message is for people.
 */
async function createSource(config: SourceConfig, context: SourceContext, part: string): Promise<UserSource> {
  switch (config.type) {
    case 'static':
      return (await import('./static/static-source.ts')).createStaticSource(config);
    case 'csv':
      return (await import('./csv/csv-source.ts')).createCsvSource(config, context);
    case 'merge':
      return (await import('../guards/merge/merge-source.ts')).createMergeSource(config, {
        log: context.log,
        tallyOf: (name) => context.guardTallies.of(partOf(part, name)),
        open(member, log) {
          const allowsNoGroups = context.allowsNoGroups || member.gives === 'authorizations';
          return createGuardedSource(member, { ...context, log, allowsNoGroups }, partOf(part, member.name));
        },
      });
    case 'http-proxy':
      return (await import('./http-proxy/http-proxy-source.ts')).createHttpProxySource(config);
    case 'module':
      return (await import('./module/module-source.ts')).createModuleSource(config, context);
    case 'sql':
      return (await import('./sql/sql-source.ts')).createSqlSource(config, context);
    case 'ldap':
      return (await import('./ldap/ldap-source.ts')).createLdapSource(config, context);
    case 'ldif':
      return (await import('./ldap/ldif/ldif-source.ts')).createLdifSource(config, context);
  }
}

function partOf(part: string, name: string): string {
  return part === 'whole' ? name : `${part}/${name}`;
}
