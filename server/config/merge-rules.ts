// Cross-field rules of the merge source.
import type {
  LoadedServerConfig,
  MergedSourceConfig,
  MergeSourceConfig,
} from '../../schemas/generated/loaded-server-config.ts';
import { type CrossFieldRule, readPath } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

export const mergeRules: readonly CrossFieldRule[] = [
  forMerge(['sources'], findNameFaults),
  forMerge(['sources', 'identity'], findIdentityFaults),
  forMerge(['sources'], ({ sources }) => sources.flatMap(findNeedFaults)),
  forMerge(['sources'], ({ sources }) => sources.flatMap(findFallbackFaults)),
  forMerge(['sources'], ({ sources }) => sources.flatMap(findUseridFaults)),
  forMerge(['sources'], ({ sources }) => sources.flatMap(findPatternFaults)),
];

const reserved = ['any', 'all', 'whole'];

function at(index: number, option: string, message: string): OptionFault {
  return { path: ['source', 'sources', String(index), ...readPath(option)], message };
}

function findNameFaults({ sources }: MergeSourceConfig): OptionFault[] {
  if (sources.length === 0) return [{ path: ['source', 'sources'], message: 'must list at least one source' }];
  return sources.flatMap(({ name }, index) => {
    if (reserved.includes(name)) return [at(index, 'name', 'is a reserved name. Choose another one')];
    const first = sources.findIndex((other) => other.name === name);
    return first === index ? [] : [at(index, 'name', `is already the name of source.sources[${first}]`)];
  });
}

function findIdentityFaults({ sources, identity }: MergeSourceConfig): OptionFault[] {
  const fault = (message: string): OptionFault[] => [{ path: ['source', 'identity'], message }];
  const asked = sources.filter(({ fallbackFor }) => fallbackFor === undefined);
  if (identity === 'any') return [];
  if (identity === 'all') {
    return asked.every(({ required }) => required)
      ? []
      : fault('"all" requires every source, so no source can have required: false');
  }
  const deciding = sources.find(({ name }) => name === identity);
  if (!deciding) return fault('must be any, all, or the name of one of source.sources');
  if (deciding.fallbackFor !== undefined)
    return fault('names a fallback, which is not always used. Name the source that it replaces');
  return deciding.required
    ? []
    : fault('names a source with required: false; without that source, it is unknown whether a user exists');
}

function findNeedFaults({ required, mayShrinkAccess, fallbackFor }: MergedSourceConfig, index: number): OptionFault[] {
  if (fallbackFor !== undefined) {
    return required && !mayShrinkAccess
      ? []
      : [at(index, required ? 'mayShrinkAccess' : 'required', 'belongs to the source that the fallback replaces')];
  }
  if (!required && !mayShrinkAccess) {
    return [
      at(
        index,
        'required',
        'false needs mayShrinkAccess: true, which allows users to lose the access that this source grants while it fails',
      ),
    ];
  }
  return required && mayShrinkAccess
    ? [at(index, 'mayShrinkAccess', 'has no effect on a required source. Remove it, or set required: false')]
    : [];
}

function findFallbackFaults(
  { name, fallbackFor, fallbackOn, gives }: MergedSourceConfig,
  index: number,
  sources: readonly MergedSourceConfig[],
): OptionFault[] {
  if (fallbackFor === undefined) {
    return fallbackOn === 'unavailable' ? [] : [at(index, 'fallbackOn', 'needs fallbackFor')];
  }
  const primary = sources.find((other) => other.name === fallbackFor);
  if (!primary || fallbackFor === name) return [at(index, 'fallbackFor', 'must be the name of another source')];
  if (primary.fallbackFor !== undefined)
    return [at(index, 'fallbackFor', 'names a fallback; a fallback cannot have a fallback')];
  const first = sources.findIndex((other) => other.fallbackFor === fallbackFor);
  if (first !== index)
    return [
      at(index, 'fallbackFor', `source.sources[${first}] is already its fallback; a source can have only one fallback`),
    ];
  return gives === primary.gives
    ? []
    : [at(index, 'gives', 'must have the same value as in the source that it replaces')];
}

function findUseridFaults(
  { userid }: MergedSourceConfig,
  index: number,
  sources: readonly MergedSourceConfig[],
): OptionFault[] {
  if (userid === undefined) return [];
  const { from, authorization, pattern } = userid;
  if (from === undefined) {
    if (authorization !== undefined)
      return [at(index, 'userid.authorization', 'needs userid.from, the source that provides this authorization')];
    return pattern === undefined ? [at(index, 'userid', 'needs from and authorization, or pattern')] : [];
  }
  if (authorization === undefined)
    return [at(index, 'userid.from', 'needs userid.authorization, whose value is the userid')];
  const origin = sources.findIndex(({ name }) => name === from);
  // A fallback takes the place of its primary in the order.
  const own = sources.findIndex(({ name }) => name === (sources[index]?.fallbackFor ?? sources[index]?.name));
  const isEarlier = origin >= 0 && origin < own && sources[origin]?.fallbackFor === undefined;
  return isEarlier ? [] : [at(index, 'userid.from', 'must be the name of a preceding source that is not a fallback')];
}

function findPatternFaults({ userid, groups, authorizations }: MergedSourceConfig, index: number): OptionFault[] {
  const patterns: Array<[option: string, pattern: string]> = [
    ...(userid?.pattern === undefined ? [] : [['userid.pattern', userid.pattern] as [string, string]]),
    ...groups.drop.map((pattern, number): [string, string] => [`groups.drop[${number}]`, pattern]),
    ...authorizations.drop.map((pattern, number): [string, string] => [`authorizations.drop[${number}]`, pattern]),
  ];
  return patterns
    .filter(([, pattern]) => !isPattern(pattern))
    .map(([option]) => at(index, option, 'is not a regular expression'));
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Creates a rule for the options `names` of a merge source. */
function forMerge(
  names: readonly string[],
  find: (source: MergeSourceConfig) => readonly OptionFault[],
): CrossFieldRule {
  return {
    reads: ['source.type', ...names.map((name) => `source.${name}`)],
    findFaults: ({ source }: LoadedServerConfig) => (source.type === 'merge' ? find(source) : []),
  };
}
