// Reader of the header Link (RFC 8288): the next page, or a sign that there is one that cannot be followed.

/** `unclear`: the header refers to a next page, but not with exactly one address. */
export type NextLink =
  | { readonly kind: 'none' }
  | { readonly kind: 'next'; readonly target: string }
  | { readonly kind: 'unclear' };

interface LinkValue {
  readonly target: string;
  /** Names in lower case. If a parameter is repeated, the first counts (RFC 8288, 3.3). */
  readonly parameters: ReadonlyMap<string, string>;
}

const none: NextLink = { kind: 'none' };
const unclear: NextLink = { kind: 'unclear' };

/** Returns the target of the only link with the relation `next`. Repeated headers are joined by commas. */
export function findNextLink(header: string | readonly string[] | undefined): NextLink {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ');
  if (!/next/i.test(text)) return none;
  const links = parseLinkHeader(text);
  if (links === null) return unclear;
  const next: LinkValue[] = [];
  for (const link of links) {
    const relations = (link.parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next')) next.push(link);
    // 'next', "next page", https://example.com/rels/next: similar enough that ignoring them would be a guess.
    else if ([...relations, ...link.parameters.keys()].some((word) => /(^|[^a-z])next([^a-z]|$)/.test(word)))
      return unclear;
  }
  const [first, second] = next;
  if (first === undefined) return none;
  // With an anchor, the link starts from a resource other than the requested one.
  if (second !== undefined || first.parameters.has('anchor')) return unclear;
  return { kind: 'next', target: first.target };
}

/** Reads tokens one after the other, so that the time is linear for every header. Returns `null` for a malformed header. */
function parseLinkHeader(text: string): LinkValue[] | null {
  let at = 0;
  const take = (token: RegExp): string | null => {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) return null;
    at = token.lastIndex;
    return match[1] ?? match[0];
  };
  const links: LinkValue[] = [];
  for (;;) {
    // Empty elements are allowed in lists (RFC 9110, 5.6.1.2).
    take(commas);
    if (at === text.length) return links;
    const target = take(uriReference);
    if (target === null) return null;
    const parameters = new Map<string, string>();
    while (take(semicolon) !== null) {
      const name = take(token)?.toLowerCase();
      if (name === undefined) continue;
      const value = take(equals) === null ? '' : (take(quotedText) ?? take(bareText));
      if (value === null) return null;
      if (!parameters.has(name)) parameters.set(name, value.replace(/\\(.)/g, '$1'));
    }
    links.push({ target, parameters });
    take(blanks);
    if (at < text.length && text[at] !== ',') return null;
  }
}

const commas = /[\s,]*/y;
const blanks = /\s*/y;
const uriReference = /<([^<>]*)>/y;
const semicolon = /\s*;\s*/y;
const token = /[\w!#$%&'*+.^`|~-]+/y;
const equals = /\s*=\s*/y;
const quotedText = /"((?:[^"\\]|\\.)*)"/y;
/** Accepts more characters than a token, because unquoted values often contain them. */
const bareText = /([^\s",;]+)/y;
