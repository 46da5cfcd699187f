// Attribute descriptions (RFC 4512, 2.5): values that a directory returns under an option or a subtype of the requested attribute.
import { type LookUpSignal, SourceError } from '../user-source.ts';
import type { Directory, DirectoryEntry, DirectorySearch } from './directory.ts';

/** Attribute types by each of their names, in lower case. */
export type AttributeTypes = ReadonlyMap<string, AttributeType>;

export interface AttributeType {
  /** The name that the server uses in responses. */
  readonly name: string;
  /** A name of its supertype, as in the schema; `null`: none. */
  readonly supertype: string | null;
}

/** Subtypes of RFC 4519, for directories whose schema cannot be read and for files, which have none. */
const standardSubtypes: Readonly<Record<string, readonly string[]>> = {
  name: ['cn', 'sn', 'givenname', 'initials', 'generationqualifier', 'c', 'l', 'st', 'o', 'ou', 'title', 'dmdname'],
  distinguishedname: ['member', 'owner', 'roleoccupant', 'seealso', 'uniquemember', 'manager', 'secretary'],
};

/** Returns whether `type` is `wanted` or a subtype of it, both in lower case. @param types `null`: the schema is unknown. */
function isTypeWithin(type: string, wanted: string, types: AttributeTypes | null): boolean {
  if (type === wanted) return true;
  if (types === null) return standardSubtypes[wanted]?.includes(type) ?? false;
  const target = types.get(wanted)?.name.toLowerCase();
  const seen = new Set<string>();
  for (let next = types.get(type); next !== undefined; next = types.get(next.supertype?.toLowerCase() ?? '')) {
    const name = next.name.toLowerCase();
    if (name === target) return true;
    // A circular schema.
    if (seen.has(name)) return false;
    seen.add(name);
  }
  return false;
}

/**
 * Returns whether values under `found` belong to the attribute `wanted`: the same type or a subtype of it, with all of its options. `binary` only
 * specifies the transfer of a value (RFC 4522), and `lang-en-` stands for every language with this prefix (RFC 3866).
 *
 * @param types `null`: the schema is unknown.
 */
export function covers(wanted: string, found: string, types: AttributeTypes | null): boolean {
  const [type = '', ...options] = wanted.toLowerCase().split(';');
  const [foundType = '', ...foundOptions] = found.toLowerCase().split(';');
  if (!isTypeWithin(foundType, type, types)) return false;
  return options.every((option) => option === 'binary' || foundOptions.some((other) => isOptionWithin(other, option)));
}

function isOptionWithin(option: string, wanted: string): boolean {
  if (!wanted.endsWith('-')) return option === wanted;
  return option === wanted.slice(0, -1) || option.startsWith(wanted);
}

function typeOf(description: string): string {
  const end = description.indexOf(';');
  return end < 0 ? description : description.slice(0, end);
}

function hasType(attributes: DirectoryEntry['attributes'], type: string): boolean {
  for (const name of attributes.keys()) if (typeOf(name) === type) return true;
  return false;
}

/** Returns all values of an attribute, including those of its options and subtypes. */
export function collectValues(
  { attributes }: DirectoryEntry,
  wanted: string,
  types: AttributeTypes | null,
): readonly Buffer[] {
  const exact = attributes.get(wanted.toLowerCase());
  const type = typeOf(wanted.toLowerCase());
  let all: Buffer[] | null = null;
  // Where `name` and `distinguishedName` are supertypes, they never have values of their own. In Active Directory they are not supertypes.
  const hasSubtypes = types !== null || (standardSubtypes[type] !== undefined && !hasType(attributes, type));
  for (const [name, values] of attributes) {
    if (values === exact || (!hasSubtypes && typeOf(name) !== type) || !covers(wanted, name, types)) continue;
    all ??= [...(exact ?? [])];
    // A value under two descriptions is one value of the attribute to which both belong.
    for (const value of values) if (!all.some((known) => known.equals(value))) all.push(value);
  }
  return all ?? exact ?? [];
}

/**
 * Wraps a directory so that each entry has its values under the requested names.
 *
 * @param types `null`: the schema is unknown.
 */
export function withAttributeNames(directory: Directory, types: AttributeTypes | null): Directory {
  /** Keyed by the list of attributes; the list for users is the same at each lookup. */
  const plans = new WeakMap<readonly string[], { readonly wanted: ReadonlySet<string>; readonly mayMerge: boolean }>();
  function planFor(asked: readonly string[]) {
    const known = plans.get(asked);
    if (known !== undefined) return known;
    const names = asked.map((name) => name.toLowerCase());
    const isShared = (name: string) => names.some((other) => other !== name && covers(name, other, types));
    const plan = { wanted: new Set(names), mayMerge: names.some(isShared) };
    plans.set(asked, plan);
    return plan;
  }
  return {
    async search(search: DirectorySearch, signal: LookUpSignal) {
      const entries = await directory.search(search, signal);
      if (search.attributes.includes('*')) return entries;
      // Nearly all entries have only requested attributes, none of which is an option or subtype of another.
      const { wanted, mayMerge } = planFor(search.attributes);
      return entries.map((entry) => {
        if (!mayMerge && [...entry.attributes.keys()].every((name) => wanted.has(name))) return entry;
        return nameAsRequested(entry, search.attributes, types);
      });
    },
  };
}

function nameAsRequested(
  entry: DirectoryEntry,
  asked: readonly string[],
  types: AttributeTypes | null,
): DirectoryEntry {
  const attributes = new Map<string, readonly Buffer[]>();
  const missing: string[] = [];
  for (const name of asked) {
    const values = collectValues(entry, name, types);
    if (values.length > 0) attributes.set(name.toLowerCase(), values);
    else missing.push(name);
  }
  // A server sends only the requested attributes, their options and subtypes.
  const unknown =
    types === null
      ? [...entry.attributes.keys()].find((name) => !asked.some((one) => covers(one, name, types)))
      : undefined;
  if (unknown !== undefined && missing.length > 0) {
    throw new SourceError(
      'bad-answer',
      `The server sent ${unknown} for ${missing.join(' or ')}, and the schema of the server cannot be read. Grant the bind account the right to read the schema, or configure ${unknown} itself.`,
    );
  }
  return { dn: entry.dn, attributes };
}
