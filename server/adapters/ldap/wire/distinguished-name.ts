// Distinguished names (RFC 4514): parsing, comparison, and the test of whether a name is below a base.

/** One `type=value`; a relative name has several only if they are joined by `+`. */
export interface NamePart {
  /** In lower case. */
  readonly type: string;
  readonly value: string;
}

export type RelativeName = readonly NamePart[];

const typePattern = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=/;

/** Returns the relative names, starting with the entry's own; `null`: the text is not a distinguished name. The empty text is the root, `[]`. */
export function parseDn(text: string): RelativeName[] | null {
  if (text.trim() === '') return [];
  const names: NamePart[][] = [[]];
  let place = 0;
  for (;;) {
    const [head, type] = typePattern.exec(text.slice(place)) ?? [];
    if (head === undefined || type === undefined) return null;
    place += head.length;
    const read = readValue(text, place);
    if (read === null) return null;
    names.at(-1)?.push({ type: type.toLowerCase(), value: read.value });
    place = read.end;
    const separator = text[place];
    if (separator === undefined) return names;
    if (separator === ',' || separator === ';') names.push([]);
    place += 1;
  }
}

/** Reads up to the next separator, or the end. White space around a value is not part of it unless it is escaped. */
function readValue(text: string, start: number): { value: string; end: number } | null {
  let place = start;
  while (text[place] === ' ') place += 1;
  const bytes: Buffer[] = [];
  let trailing = 0;
  for (; place < text.length; place++) {
    const character = text[place] ?? '';
    if (character === ',' || character === ';' || character === '+') break;
    if (character === '"' || character === '<' || character === '>') return null;
    if (character !== '\\') {
      const whole = String.fromCodePoint(text.codePointAt(place) ?? 0);
      bytes.push(Buffer.from(whole));
      place += whole.length - 1;
      trailing = character === ' ' ? trailing + 1 : 0;
      continue;
    }
    const hex = /^[0-9A-Fa-f]{2}/.exec(text.slice(place + 1, place + 3))?.[0];
    if (hex === undefined && place + 1 >= text.length) return null;
    bytes.push(hex === undefined ? Buffer.from(text[place + 1] ?? '') : Buffer.from(hex, 'hex'));
    place += hex === undefined ? 1 : 2;
    trailing = 0;
  }
  const value = Buffer.concat(trailing === 0 ? bytes : bytes.slice(0, -trailing)).toString('utf8');
  return { value, end: place };
}

/** Returns the form that `caseIgnoreMatch` compares: without letter case, compatibility forms, or outer and repeated spaces (RFC 4518). */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function keyOfRelativeName(name: RelativeName): string {
  return JSON.stringify(name.map(({ type, value }) => [type, foldText(value)]).sort());
}

/** Returns a key that is the same for all names of one entry, as far as this can be determined without the server's schema. */
export function keyOfDn(names: readonly RelativeName[]): string {
  return names.map(keyOfRelativeName).join(',');
}

/** Returns whether `names` is `base` or below it. */
export function isWithin(names: readonly RelativeName[], base: readonly RelativeName[]): boolean {
  return names.length >= base.length && keyOfDn(names.slice(names.length - base.length)) === keyOfDn(base);
}
