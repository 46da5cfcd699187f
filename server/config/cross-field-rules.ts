// Rules about several options, and when each can be evaluated.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type OptionPath, ownValue } from '../../schemas/server-config-schema.ts';
import type { Adapter, AdapterConfig } from '../adapters/adapter.ts';
import { adapters } from '../adapters/adapter-of.ts';
import { authenticationRules } from './authentication-rules.ts';
import { type CrossFieldRule, faultAt } from './cross-field-rule.ts';
import { guardRules } from './guard-rules.ts';
import { listenerRules } from './listener-rules.ts';
import { mergeRules } from './merge-rules.ts';
import type { OptionFault } from './schema-faults.ts';

const rules: readonly CrossFieldRule[] = [
  ...listenerRules,
  ...authenticationRules,
  ...mergeRules,
  ...guardRules,
  ...adapters.flatMap(rulesOf),
];

/** Returns the rules of an adapter, whose options are below `source`. */
function rulesOf({ type, validate }: Adapter): CrossFieldRule[] {
  return validate.map((rule) => ({
    reads: ['source.type', ...rule.reads.map((option) => `source.${option}`)],
    findFaults({ source }) {
      if (source.type !== type) return [];
      const faults = rule.findFaults(source as AdapterConfig);
      return faults.map(({ option, message }) => faultAt(`source.${option}`, message));
    },
  }));
}

/** Rules that read only options of the source, and therefore also apply to merged sources. */
const sourceRules = rules.filter(({ reads }) => reads.every((read) => read.startsWith('source.')));

/**
 * Validates what the schema cannot express. A rule that reads an option with an error is not evaluated. The results of the other rules can thus be
 * reported together with that error.
 *
 * @param config the configuration with defaults and secrets; options with an error in `earlier` may have any shape.
 */
export function findCrossFieldFaults(config: unknown, earlier: readonly OptionFault[]): OptionFault[] {
  const refused = earlier.flatMap(({ path, meant }) => (meant ? [path, meant] : [path]));
  const faults = evaluate(rules, config as LoadedServerConfig, refused);
  return [...faults, ...findMergedFaults(config, refused)];
}

function evaluate(
  list: readonly CrossFieldRule[],
  config: LoadedServerConfig,
  refused: readonly OptionPath[],
): OptionFault[] {
  return list
    .filter(({ reads }) => !reads.some((read) => refused.some((path) => overlap(path, read.split('.')))))
    .flatMap(({ findFaults }) => findFaults(config));
}

/** Validates each source of a merge as if it were the only one, and the sources of merges inside it. */
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
    const faults = evaluate(sourceRules, alone as LoadedServerConfig, refusedHere);
    return [...faults, ...findMergedFaults(alone, refusedHere)].map((fault) => ({
      ...fault,
      path: [...place, ...fault.path.slice(1)],
    }));
  });
}

/** Returns whether the paths are equal, or one is below the other. */
function overlap(a: OptionPath, b: OptionPath): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((key, index) => key === b[index]);
}
