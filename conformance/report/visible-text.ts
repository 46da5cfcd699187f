// Owns showing a stranger's text: characters that a terminal, a browser or a parser takes for an order become visible.

/** Control and format characters (ANSI escapes, bidirectional overrides), lone surrogates, private, unassigned, odd line breaks. */
const orders = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** The text with such characters as `\u{1b}`. Line breaks (LF) stay: reports use them themselves. */
export function makeVisible(text: string): string {
  return text.replace(orders, (character) =>
    character === '\n' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** JSON text with such characters as JSON's own escapes: the same value, and nothing in it moves a cursor. */
export function escapeOrdersInJson(json: string): string {
  return json.replace(orders, (character) => {
    if (character === '\n') return character;
    const units = [...Array(character.length).keys()].map((index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

/** A copy of a report, or of a part of one, in which each text is visible. */
export function makeAllVisible<T>(value: T): T {
  const change = (part: unknown): unknown => {
    if (typeof part === 'string') return makeVisible(part);
    if (Array.isArray(part)) return part.map(change);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, change(inner)]));
  };
  return change(value) as T;
}
