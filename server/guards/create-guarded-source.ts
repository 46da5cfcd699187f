// Creation of a configured source: its adapter or merge, and the guards around it.
import type { GuardsConfig, MergeSourceConfig, SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { adapterOf } from '../adapters/adapter-of.ts';
import type { AdapterContext, PoolStatus, UserSource } from '../adapters/user-source.ts';
import type { GuardTallies, GuardTally } from './guard-tally.ts';

/** A source and its guards, which are adjacent sections in a configuration. */
export interface GuardedSourceConfig {
  readonly source: SourceConfig;
  readonly guards?: GuardsConfig;
}

/** Dependencies with which a source is created. */
export interface SourceContext extends AdapterContext {
  /** Counters of the guards. */
  readonly guardTallies: GuardTallies;
}

/**
 * Creates a source with its guards; without guards, the source itself.
 *
 * @param part names the source in metrics: "whole", or the name of a merged source.
 * @throws {SourceError} as `Adapter.create` does.
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
  const { guardSource } = await import('./guard-source.ts');
  const { cache } = guards;
  if (cache?.shared === undefined) return guardSource(made, guards, { log, tally });
  const { openRedisCache } = await import('./shared-cache/redis-cache.ts');
  // The text contains only references to secrets.
  const space = JSON.stringify({ source, guards });
  const sharedCache = openRedisCache(cache.shared, cache, { log, tally, space });
  return guardSource(made, guards, { log, tally, sharedCache });
}

/** Returns whether guards allow users without groups. Guards without this option inherit it from the guards around them. */
export function allowsNoGroupsIn(guards: GuardsConfig | undefined, around: boolean): boolean {
  const onNoGroups = guards?.answers?.onNoGroups;
  return onNoGroups === undefined ? around : onNoGroups === 'allow';
}

/**
 * Returns the same source and guards without any cache, for commands that read the sources themselves. A shared cache may contain results that other
 * servers stored.
 */
export function withoutCaches({ source, guards }: GuardedSourceConfig): GuardedSourceConfig {
  const { cache: _cache, ...others } = guards ?? {};
  return {
    source: source.type === 'merge' ? withoutMemberCaches(source) : source,
    ...(guards && { guards: others as GuardsConfig }),
  };
}

function withoutMemberCaches(merge: MergeSourceConfig): MergeSourceConfig {
  return { ...merge, sources: merge.sources.map((member) => ({ ...member, ...withoutCaches(member) })) };
}

function addPoolGauges(tally: GuardTally, pool: () => PoolStatus): void {
  tally.gauge('user_info_pool_connections', () => pool().open);
  tally.gauge('user_info_pool_busy_connections', () => pool().busy);
  tally.gauge('user_info_pool_waiting', () => pool().waiting);
}

async function createSource(config: SourceConfig, context: SourceContext, part: string): Promise<UserSource> {
  if (config.type !== 'merge') return adapterOf(config).create(config, context);
  const { createMergeSource } = await import('./merge/merge-source.ts');
  return createMergeSource(config, {
    log: context.log,
    tallyOf: (name) => context.guardTallies.of(partOf(part, name)),
    open(member, log) {
      const allowsNoGroups = context.allowsNoGroups || member.gives === 'authorizations';
      return createGuardedSource(member, { ...context, log, allowsNoGroups }, partOf(part, member.name));
    },
  });
}

function partOf(part: string, name: string): string {
  return part === 'whole' ? name : `${part}/${name}`;
}
