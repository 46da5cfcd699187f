// LDAP filters as data: parsing (RFC 4515), inserting the userid, and printing.

/** A filter (RFC 4511, 4.5.1.7). Values are bytes without any syntax, so nothing has to be escaped. */
export type LdapFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly LdapFilter[] }
  | { readonly kind: 'not'; readonly filter: LdapFilter }
  | { readonly kind: ComparisonKind; readonly attribute: string; readonly value: Buffer }
  | { readonly kind: 'present'; readonly attribute: string }
  | SubstringsFilter
  | ExtensibleFilter;

export type ComparisonKind = 'equal' | 'approximate' | 'atLeast' | 'atMost';

export interface SubstringsFilter {
  readonly kind: 'substrings';
  readonly attribute: string;
  /** Empty: the value may begin with anything. */
  readonly initial: Buffer;
  readonly any: readonly Buffer[];
  /** Empty: the value may end with anything. */
  readonly final: Buffer;
}

export interface ExtensibleFilter {
  readonly kind: 'extensible';
  /** Matching rule, by name or OID; empty: the attribute's own. */
  readonly rule: string;
  /** Empty: every attribute to which the rule applies. */
  readonly attribute: string;
  readonly dnAttributes: boolean;
  readonly value: Buffer;
}

/** Matches every entry. */
export const anyEntry: LdapFilter = { kind: 'present', attribute: 'objectClass' };

/** Returns a filter that matches everything that any of `filters` matches. */
export function anyOf(filters: readonly LdapFilter[]): LdapFilter {
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? only : { kind: 'or', filters };
}

/** The text is not a filter. The message contains the position and the reason. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
}

const maxDepth = 32;
const description = '[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*|\\d+(?:\\.\\d+)+(?:;[A-Za-z0-9-]+)*';
const itemPattern = new RegExp(`^(${description})(=|~=|>=|<=)(.*)$`, 's');
const extensiblePattern = new RegExp(`^(${description})?(:dn)?(?::(${description}))?:=(.*)$`, 'is');
const comparisons: Readonly<Record<string, ComparisonKind>> = {
  '=': 'equal',
  '~=': 'approximate',
  '>=': 'atLeast',
  '<=': 'atMost',
};

/**
 * Parses a filter in the syntax of RFC 4515. White space between the parts is allowed, so that a long filter can span several lines.
 *
 * @throws {FilterSyntaxError}
 */
export function parseFilter(text: string): LdapFilter {
  let place = 0;
  const fail = (reason: string): never => {
    throw new FilterSyntaxError(`at character ${place + 1}: ${reason}`);
  };
  const skipSpace = () => {
    while (/\s/.test(text.charAt(place))) place += 1;
  };

  function readFilter(depth: number): LdapFilter {
    if (depth > maxDepth) fail(`nested deeper than ${maxDepth} levels`);
    skipSpace();
    if (text[place] !== '(') fail('a filter must begin with (');
    place += 1;
    skipSpace();
    const filter = readInside(depth);
    skipSpace();
    if (text[place] !== ')') fail('a ) is missing');
    place += 1;
    return filter;
  }

  function readInside(depth: number): LdapFilter {
    const sign = text[place];
    if (sign !== '&' && sign !== '|' && sign !== '!') return readItem();
    place += 1;
    if (sign === '!') return { kind: 'not', filter: readFilter(depth + 1) };
    const filters: LdapFilter[] = [];
    for (skipSpace(); text[place] === '('; skipSpace()) filters.push(readFilter(depth + 1));
    if (filters.length === 0) fail(`${sign} needs at least one filter`);
    return { kind: sign === '&' ? 'and' : 'or', filters };
  }

  function readItem(): LdapFilter {
    const rest = text.slice(place);
    const item = /^[^()]*/.exec(rest)?.[0] ?? '';
    const filter = parseItem(item, fail);
    place += item.length;
    return filter;
  }

  const filter = readFilter(0);
  skipSpace();
  if (place < text.length) fail('unexpected characters after the last )');
  return filter;
}

function parseItem(item: string, fail: (reason: string) => never): LdapFilter {
  const [, attribute, sign, text = ''] = itemPattern.exec(item) ?? [];
  if (attribute !== undefined && sign !== undefined) {
    if (sign === '=' && text === '*') return { kind: 'present', attribute };
    if (sign === '=' && text.includes('*')) {
      const parts = text.split('*').map((part) => readValue(part, fail));
      const [initial = Buffer.alloc(0), ...rest] = parts;
      const final = rest.pop() ?? Buffer.alloc(0);
      if (rest.some((part) => part.length === 0)) fail('two consecutive *');
      return { kind: 'substrings', attribute, initial, any: rest, final };
    }
    return { kind: comparisons[sign] ?? 'equal', attribute, value: readValue(text, fail) };
  }
  const extensible = extensiblePattern.exec(item);
  const [, of = '', dn, rule = '', asserted = ''] = extensible ?? [];
  if (!extensible || (of === '' && rule === '')) fail('this part does not have the form attribute=value');
  return { kind: 'extensible', rule, attribute: of, dnAttributes: dn !== undefined, value: readValue(asserted, fail) };
}

function readValue(text: string, fail: (reason: string) => never): Buffer {
  if (/\\(?![0-9A-Fa-f]{2})/.test(text)) fail('a backslash must precede two hexadecimal digits (RFC 4515)');
  if (/[*\0]/.test(text)) fail('* and NUL inside a value must be written \\2a and \\00');
  if (!text.includes('\\')) return Buffer.from(text);
  const pieces = text.split(/(\\[0-9A-Fa-f]{2})/).map((piece) =>
    // A part between two escapes never begins with a backslash.
    piece.startsWith('\\') ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece),
  );
  return Buffer.concat(pieces);
}

/** A filter with `{userid}` in its values, ready for a userid to be inserted. */
export type FilterTemplate = (userid: string) => LdapFilter;

/** @throws {FilterSyntaxError} also if `{userid}` is missing, or occurs outside of a value. */
export function createFilterTemplate(text: string): FilterTemplate {
  const parsed = parseFilter(text);
  if (!leavesOf(parsed).some(hasPlaceholder)) {
    throw new FilterSyntaxError('it must contain {userid} as a value: (mail={userid})');
  }
  return (userid) => mapLeaves(parsed, (leaf) => fillIn(leaf, userid));
}

const placeholder = '{userid}';

type FilterLeaf = Exclude<LdapFilter, { readonly kind: 'and' | 'or' | 'not' }>;

/** Returns the parts of a filter that compare an attribute. */
function leavesOf(filter: LdapFilter): readonly FilterLeaf[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(leavesOf);
    case 'not':
      return leavesOf(filter.filter);
    default:
      return [filter];
  }
}

function mapLeaves(filter: LdapFilter, change: (leaf: FilterLeaf) => LdapFilter): LdapFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map((part) => mapLeaves(part, change)) };
    case 'not':
      return { ...filter, filter: mapLeaves(filter.filter, change) };
    default:
      return change(filter);
  }
}

function hasPlaceholder(leaf: FilterLeaf): boolean {
  if (leaf.kind === 'present') return false;
  const values = leaf.kind === 'substrings' ? [leaf.initial, ...leaf.any, leaf.final] : [leaf.value];
  return values.some((value) => value.includes(placeholder));
}

function fillIn(leaf: FilterLeaf, userid: string): FilterLeaf {
  const fill = (value: Buffer) =>
    // The replacement is a function, because `$&` in a replacement string would be interpreted.
    value.includes(placeholder) ? Buffer.from(value.toString('utf8').replaceAll(placeholder, () => userid)) : value;
  if (leaf.kind === 'present') return leaf;
  if (leaf.kind !== 'substrings') return { ...leaf, value: fill(leaf.value) };
  return { ...leaf, initial: fill(leaf.initial), any: leaf.any.map(fill), final: fill(leaf.final) };
}

/** Returns a template's filter, in which each comparison with `{userid}` is replaced with a test for the attribute's presence. */
export function matchAnyUserid(filter: LdapFilter): LdapFilter {
  return mapLeaves(filter, (leaf) =>
    hasPlaceholder(leaf) ? { kind: 'present', attribute: leaf.attribute || 'objectClass' } : leaf,
  );
}

/** Returns the names of all attributes in a filter. */
export function attributesOf(filter: LdapFilter): string[] {
  return leavesOf(filter).flatMap(({ attribute }) => (attribute === '' ? [] : [attribute]));
}

const signs = new Map(Object.entries(comparisons).map(([sign, kind]) => [kind, sign]));

/** Writes a filter in the syntax of RFC 4515; bytes that are not UTF-8 are escaped one by one. */
export function formatFilter(filter: LdapFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.kind === 'and' ? '&' : '|'}${filter.filters.map(formatFilter).join('')})`;
    case 'not':
      return `(!${formatFilter(filter.filter)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'substrings':
      return `(${filter.attribute}=${[filter.initial, ...filter.any, filter.final].map(escapeValue).join('*')})`;
    case 'extensible': {
      const rule = filter.rule === '' ? '' : `:${filter.rule}`;
      return `(${filter.attribute}${filter.dnAttributes ? ':dn' : ''}${rule}:=${escapeValue(filter.value)})`;
    }
    default:
      return `(${filter.attribute}${signs.get(filter.kind)}${escapeValue(filter.value)})`;
  }
}

function escapeValue(value: Buffer): string {
  const text = value.toString('utf8');
  const escapeBytes = (bytes: Buffer) => bytes.toString('hex').replace(/../g, '\\$&');
  if (!Buffer.from(text).equals(value)) return escapeBytes(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 4515 escapes NUL, and a terminal must not receive control characters.
  return text.replace(/[\\()*\u0000-\u001f\u007f]/g, (character) => escapeBytes(Buffer.from(character)));
}
