// Escaping of all printed text. Text from an endpoint, a directory or a file must not move a cursor, or act as a command for a terminal or a CI
// service.

/** Control and format characters (ANSI escapes, bidirectional overrides), lone surrogates, private and unassigned characters, unusual line breaks. */
const orders = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Azure Pipelines and TeamCity interpret `##vso[` and `##teamcity[` as commands, the former anywhere in a line; GitHub reads `##[`. */
const commandInLine = /##(?=\w*\[)/g;
/** GitHub interprets `::error::` as a command, at the start of a line or after white space. */
const commandAtStart = /^([^\S\n]*):(?=:)/gm;

function escapeOrder(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Returns the text with such characters escaped, e.g. as `\u{1b}`. Line breaks (LF) remain, for texts with several lines. */
export function makeVisible(text: string): string {
  return text
    .replace(orders, (character) => (character === '\n' ? character : escapeOrder(character)))
    .replace(commandInLine, '#\\u{23}')
    .replace(commandAtStart, '$1\\u{3a}');
}

/** Returns the same for a name or a value that is printed within one line: a line break becomes `\n`. */
export function makeVisibleLine(text: string): string {
  return makeVisible(text.replaceAll('\n', '\\n'));
}

/** Invisible in most fonts, or a space that looks like U+0020. */
const invisible = /\p{Default_Ignorable_Code_Point}|(?! )\p{Zs}/gu;
/** A leading or trailing space, or one that follows another space. */
const hiddenSpace = /^ | $|(?<= ) /g;
/** Combining marks and Hangul jamo. */
const combining = /[\p{M}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

/**
 * Returns the text as `makeVisibleLine` does, for a name that people compare. Characters that differ only invisibly are also escaped: zero-width
 * characters, unusual, leading, trailing and repeated spaces, and decomposed characters (Unicode NFC).
 */
export function makeVisibleName(text: string): string {
  const composed = text.normalize('NFC') === text ? text : escapeUncomposed(text);
  return makeVisibleLine(composed.replace(invisible, escapeOrder).replace(hiddenSpace, escapeOrder));
}

function escapeUncomposed(text: string): string {
  return Array.from(text, (character) =>
    combining.test(character) || character.normalize('NFC') !== character ? escapeOrder(character) : character,
  ).join('');
}

/** Returns JSON text with such characters as JSON's own escapes: the same value. Its own line breaks remain. */
export function escapeOrdersInJson(json: string): string {
  const escapeUnits = (text: string) =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('');
  return json
    .replace(orders, (character) => (character === '\n' ? character : escapeUnits(character)))
    .replace(commandInLine, `#${escapeUnits('#')}`);
}

/** Returns a copy of a report, or of a part of one, in which `makeVisible` is applied to every string. */
export function makeAllVisible<T>(value: T): T {
  const change = (part: unknown): unknown => {
    if (typeof part === 'string') return makeVisible(part);
    if (Array.isArray(part)) return part.map(change);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [makeVisible(key), change(inner)]));
  };
  return change(value) as T;
}
