// Removes the caches from a configuration, for commands that read the sources themselves.
import type { GuardsConfig, MergeSourceConfig, SourceConfig } from '../../schemas/generated/loaded-server-config.ts';

interface Guarded {
  readonly source: SourceConfig;
  readonly guards?: GuardsConfig;
}

/** The same source and guards without any cache, those of merged sources included; other servers may fill a shared one. */
export function withoutCaches({ source, guards }: Guarded): Guarded {
  const { cache: _cache, ...others } = guards ?? {};
  return {
    source: source.type === 'merge' ? withoutMemberCaches(source) : source,
    ...(guards && { guards: others as GuardsConfig }),
  };
}

function withoutMemberCaches(merge: MergeSourceConfig): MergeSourceConfig {
  return { ...merge, sources: merge.sources.map((member) => ({ ...member, ...withoutCaches(member) })) };
}
