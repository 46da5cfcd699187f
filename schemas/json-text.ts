// Reading of JSON and of text that is almost JSON, for messages about invalid bodies: strings, trailing commas, the first value, and pointers.

/** Returns whether V8's parser accepts a text, at any depth. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the end of the string that begins at `start`: after its closing quote, or at the end of the text. */
export function findStringEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index += 1;
    else if (character === '"') return index + 1;
  }
  return text.length;
}

/** Returns the positions of commas before a closing bracket, outside of strings. */
export function findTrailingCommas(text: string): number[] {
  const found: number[] = [];
  let comma: number | null = null;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (' \t\r\n'.includes(character)) continue;
    if (comma !== null && (character === '}' || character === ']')) found.push(comma);
    comma = character === ',' ? index : null;
    if (character === '"') index = findStringEnd(text, index) - 1;
  }
  return found;
}

/** Returns a text without its trailing commas. */
export function withoutTrailingCommas(text: string, commas = findTrailingCommas(text)): string {
  return [...commas, text.length]
    .map((end, part) => text.slice(part === 0 ? 0 : (commas[part - 1] ?? 0) + 1, end))
    .join('');
}

/** Returns the end of the first complete object or array in a text; null if it does not end, or the text begins with neither. */
export function findFirstValueEnd(text: string): number | null {
  let depth = 0;
  for (let index = text.search(/\S/); index >= 0 && index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = findStringEnd(text, index) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return character === '}' || character === ']' ? index + 1 : null;
  }
  return null;
}

/** Returns the value at a JSON pointer (RFC 6901); undefined: there is none. */
export function findAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (node, part) =>
        typeof node === 'object' && node !== null && Object.hasOwn(node, part)
          ? (node as Record<string, unknown>)[part]
          : undefined,
      value,
    );
}

/** Returns the type of a JSON value in words, e.g. "an array". */
export function nameType(value: unknown): string {
  if (value === null) return 'null';
  return withArticle(Array.isArray(value) ? 'array' : typeof value);
}

/** Returns "an array" for "array". */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
