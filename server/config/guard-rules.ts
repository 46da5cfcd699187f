// Cross-field rules of the guards, wherever they are configured.
import type { GuardsConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { findMissingPackage } from '../../schemas/optional-packages.ts';
import type { OptionPath } from '../../schemas/server-config-schema.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

const minKeyLength = 32;

export const guardRules: readonly CrossFieldRule[] = [
  { reads: ['guards.cache'], findFaults: ({ guards }) => findSharedCacheFaults(guards, ['guards']) },
  { reads: ['source.type', 'source.sources'], findFaults: findMergedFaults },
];

function findMergedFaults({ source }: LoadedServerConfig): OptionFault[] {
  if (source.type !== 'merge') return [];
  return source.sources.flatMap(({ guards }, index) =>
    findSharedCacheFaults(guards, ['source', 'sources', String(index), 'guards']),
  );
}

function findSharedCacheFaults(guards: GuardsConfig | undefined, path: OptionPath): OptionFault[] {
  const shared = guards?.cache?.shared;
  if (shared === undefined) return [];
  const at = (option: string, message: string) => ({ path: [...path, 'cache', 'shared', option], message });
  const faults: OptionFault[] = [];
  const missing = findMissingPackage('redis');
  if (missing !== null) faults.push(at('url', missing));
  if (shared.key.reveal().length < minKeyLength) {
    faults.push(at('key', `has fewer than ${minKeyLength} characters; \`openssl rand -base64 48\` generates one`));
  }
  if (shared.ca !== undefined && !shared.url.startsWith('rediss:')) {
    faults.push(at('ca', 'applies to TLS only; the url must begin with rediss:'));
  }
  return faults;
}
