// Descriptions of a 200 body that is not valid user info: the position, the expectation, and what was found.
import type { ErrorObject } from 'ajv/dist/2020.js';

/** Maximum length of a pointer, because an attribute name can be as long as the body. */
const maxPointerLength = 120;

/** Returns why a text is not JSON. The text is never quoted. */
export function describeInvalidJson(text: string): string {
  if (text.trim() === '') return 'the body is empty; expected a JSON object';
  if (text.trimStart().startsWith('<')) return 'the body is HTML or XML; expected JSON';
  const { trailingCommas, isClosed } = scanBrackets(text);
  const [first] = trailingCommas;
  if (first !== undefined && isJson(withoutPlaces(text, trailingCommas))) {
    const others = trailingCommas.length === 1 ? '' : ` and ${trailingCommas.length - 1} more`;
    return `the body is not JSON: trailing comma at ${describePlace(text, first)}${others}; JSON allows no comma before a closing bracket`;
  }
  if (/^\s*[[{]/.test(text) && !isClosed) return 'the body ends before the JSON is complete';
  return 'the body is not JSON';
}

/**
 * Returns the error that a validator of user info found: JSON pointer, expectation, and the type that was found. Attribute names are part of a
 * pointer; values are never quoted.
 */
export function describeInvalidInfo(value: unknown, errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  return error === undefined ? 'the body is not valid user info' : describeError(value, error);
}

function describeError(value: unknown, { instancePath, keyword, params, message, propertyName }: ErrorObject): string {
  const at = (child?: string) => {
    const pointer =
      child === undefined ? instancePath : `${instancePath}/${child.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (pointer === '') return 'the body';
    return pointer.length > maxPointerLength ? `${pointer.slice(0, maxPointerLength)}…` : pointer;
  };
  const found = findAt(value, instancePath);
  switch (keyword) {
    case 'required':
      return `${at(params.missingProperty)}: expected ${expectedAt(`${instancePath}/${params.missingProperty}`)}, found nothing`;
    case 'type':
      return `${at()}: expected ${nameSchemaType(params.type)}, found ${nameType(found)}`;
    case 'minLength':
      return `${at()}: expected ${propertyName === undefined ? 'a non-empty string' : 'non-empty attribute names'}, found an empty one`;
    case 'additionalProperties':
      return `${at(params.additionalProperty)}: expected no other key, found ${nameType((found as Record<string, unknown>)[params.additionalProperty])}`;
    default:
      return `${at()}: ${message ?? 'is invalid'}`;
  }
}

function expectedAt(pointer: string): string {
  if (pointer === '/groups') return 'an array';
  return pointer === '/authorizations' ? 'an object' : 'a string';
}

function nameSchemaType(type: unknown): string {
  return `${/^[aeiou]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`;
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  return nameSchemaType(Array.isArray(value) ? 'array' : typeof value);
}

function findAt(value: unknown, pointer: string): unknown {
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function withoutPlaces(text: string, places: readonly number[]): string {
  const ends = [...places, text.length];
  return ends.map((end, part) => text.slice(part === 0 ? 0 : (ends[part - 1] ?? 0) + 1, end)).join('');
}

/** Scans a text once for commas before a closing bracket, and for unclosed brackets and strings. */
function scanBrackets(text: string): { readonly trailingCommas: readonly number[]; readonly isClosed: boolean } {
  const trailingCommas: number[] = [];
  let comma: number | null = null;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === undefined || ' \t\r\n'.includes(character)) continue;
    if (character === '}' || character === ']') {
      if (comma !== null) trailingCommas.push(comma);
      depth--;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '"') {
      at = findStringEnd(text, at);
      if (at === -1) return { trailingCommas, isClosed: false };
    }
    comma = character === ',' ? at : null;
  }
  return { trailingCommas, isClosed: depth <= 0 };
}

/** Returns the index of the quote that closes a string; -1: it is not closed. */
function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function describePlace(text: string, index: number): string {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return `line ${line}, column ${index - before.lastIndexOf('\n')}`;
}
