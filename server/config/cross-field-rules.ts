// Rules about several options, and when each can be evaluated.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type OptionPath, ownValue } from '../../schemas/server-config-schema.ts';
import { authenticationRules } from './authentication-rules.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { csvRules } from './csv-rules.ts';
import { guardRules } from './guard-rules.ts';
import { httpProxyRules } from './http-proxy-rules.ts';
import { ldapRules } from './ldap-rules.ts';
import { listenerRules } from './listener-rules.ts';
import { mergeRules } from './merge-rules.ts';
import type { OptionFault } from './schema-faults.ts';
import { sqlRules } from './sql-rules.ts';

const rules: readonly CrossFieldRule[] = [
  ...listenerRules,
  ...authenticationRules,
  ...csvRules,
  ...mergeRules,
  ...guardRules,
  ...ldapRules,
  ...httpProxyRules,
  ...sqlRules,
];

/** Rules of a source alone: they hold for merged sources as well. */
const sourceRules = rules.filter(({ reads }) => reads.every((read) => read.startsWith('source.')));

/**
 * Judges what the schema can't. A rule that reads an option with a fault of its own is left out, so that the rest can be
 * reported together with that fault.
 *
 * @param config has its defaults and secrets; what `earlier` refuses may have any shape.
 */
export function findCrossFieldFaults(config: unknown, earlier: readonly OptionFault[]): OptionFault[] {
  const refused = earlier.flatMap(({ path, meant }) => (meant ? [path, meant] : [path]));
  const faults = judge(rules, config as LoadedServerConfig, refused);
  return [...faults, ...findMergedFaults(config, refused)];
}

function judge(
  list: readonly CrossFieldRule[],
  config: LoadedServerConfig,
  refused: readonly OptionPath[],
): OptionFault[] {
  return list
    .filter(({ reads }) => !reads.some((read) => refused.some((path) => overlap(path, read.split('.')))))
    .flatMap(({ findFaults }) => findFaults(config));
}

/** Judges each source of a merge as if it were the only one, and the sources of merges inside it. */
function findMergedFaults(config: unknown, refused: readonly OptionPath[]): OptionFault[] {
  const merge = ownValue(config, 'source');
  const sources = ownValue(merge, 'sources');
  if (ownValue(merge, 'type') !== 'merge' || !Array.isArray(sources)) return [];
  return sources.flatMap((member: unknown, index) => {
    const place = ['source', 'sources', String(index), 'source'];
    const alone = { ...(config as LoadedServerConfig), source: ownValue(member, 'source') };
    const refusedHere = refused
      .filter((path) => overlap(path, place))
      .map((path) => ['source', ...path.slice(place.length)]);
    const faults = judge(sourceRules, alone as LoadedServerConfig, refusedHere);
    return [...faults, ...findMergedFaults(alone, refusedHere)].map((fault) => ({
      ...fault,
      path: [...place, ...fault.path.slice(1)],
    }));
  });
}

/** One of the two is the other or a part of it. */
function overlap(a: OptionPath, b: OptionPath): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((key, index) => key === b[index]);
}
