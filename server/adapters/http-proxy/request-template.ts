// Templates of requests: the positions of a userid, and its escaping in each of them.
import { compilePointer, type JsonPath, JsonPathFault } from './json-path.ts';

/** Values of placeholders: `{userid}`, and `{/id}`, a JSON Pointer into the user's entry. */
export interface TemplateValues {
  readonly userid: string;
  /** Omitted in the request for the entry. */
  readonly entry?: unknown;
  /** Replaces every value of the entry, in the probe with an unknown id. */
  readonly everyValue?: string;
}

/** A compiled template. `null`: these values cannot be requested (empty, `.` or `..` as a path segment, a lone surrogate). */
export type Template = (values: TemplateValues) => string | null;

/** The template is rejected; the message contains the reason and the remedy. */
export class TemplateFault extends Error {}

interface Placeholder {
  /** `null`: the userid. */
  readonly pointer: JsonPath | null;
}

/** Literal texts and placeholders, in order. */
type Piece = string | Placeholder;

/** Escaping of a value inside the surrounding text, before that text is escaped for its position in the request. */
type Escape = (value: string) => string;

/** Escapes a value for a JSON string, as in SCIM filters (RFC 7644, 3.4.2.2) and Okta's. */
const inDoubleQuotes: Escape = (value) => JSON.stringify(value).slice(1, -1);
/** Escapes a value for an OData string (OData 4.01 ABNF, `string`): a quote is doubled. */
const inSingleQuotes: Escape = (value) => value.replaceAll("'", "''");
const asItIs: Escape = (value) => value;

/**
 * Compiles a path with a query, relative to the base URL: `Users?filter=userName eq "{userid}"`.
 *
 * In the path, a placeholder is percent-encoded; inside '…', its quotes are doubled first. In the query, it is either a parameter's whole value, or
 * is inside "…" or '…' and is escaped for these quotes first. Blanks and quotes of the template itself are percent-encoded unless they already are.
 *
 * @throws {TemplateFault} if a placeholder would be unescaped.
 */
export function compilePathTemplate(text: string): Template {
  if (text.includes('#')) throw new TemplateFault('contains a #, which is not sent in a request. Write %23');
  const queryStart = text.indexOf('?');
  const [path, query] = queryStart < 0 ? [text, null] : [text.slice(0, queryStart), text.slice(queryStart + 1)];
  const segments = path.split(/\/(?![^{}]*\})/).map(compileSegment);
  const parameters = query === null ? [] : query.split('&').map(compileParameter);
  return (values) => {
    const filledPath = fillAll(segments, values, '/');
    const filledQuery = fillAll(parameters, values, '&');
    if (filledPath === null || filledQuery === null) return null;
    return query === null ? filledPath : `${filledPath}?${filledQuery}`;
  };
}

/** Compiles a JSON body: strings in it are the userid alone, or contain it inside "…" or '…'. @throws {TemplateFault} as above. */
export function compileBodyTemplate(body: unknown): Template {
  const fill = compileBodyValue(body);
  return (values) => {
    const filled = fill(values);
    return filled === undefined ? null : JSON.stringify(filled);
  };
}

/** Returns whether a placeholder for the userid is in the path, where a careless gateway may decode and resolve it. */
export function hasUseridInPath(text: string): boolean {
  return (text.split('?')[0] ?? '').includes('{userid}');
}

function fillAll(parts: readonly Template[], values: TemplateValues, separator: string): string | null {
  const filled: string[] = [];
  for (const part of parts) {
    const text = part(values);
    if (text === null) return null;
    filled.push(text);
  }
  return filled.join(separator);
}

function compileSegment(text: string): Template {
  const pieces = splitPieces(text);
  const escapes = findEscapes(pieces, { allowsBare: true, allowsDouble: false });
  const encoded = pieces.map((piece) => (typeof piece === 'string' ? encodeLiteral(piece) : piece));
  if (escapes.length === 0) return () => encoded.join('');
  return (values) => {
    const plain = joinPieces(pieces, escapes, values, asItIs);
    // `%2E%2E` is `..` to a URL parser: no encoding prevents the resolution of such a segment.
    if (plain === null || plain === '' || plain === '.' || plain === '..') return null;
    return joinPieces(encoded, escapes, values, encodeURIComponent);
  };
}

function compileParameter(text: string): Template {
  const equals = text.indexOf('=');
  const [name, value] = equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
  if (/[{}]/.test(name))
    throw new TemplateFault("has a placeholder in a parameter's name; placeholders are allowed in values only");
  const fill = compileText(value, encodeLiteral, encodeURIComponent);
  const start = encodeLiteral(equals < 0 ? name : `${name}=`);
  return (values) => {
    const filled = fill(values);
    return filled === null ? null : start + filled;
  };
}

function compileText(text: string, literal: Escape, outer: Escape): Template {
  const pieces = splitPieces(text);
  const isWhole = pieces.length === 1;
  const escapes = findEscapes(pieces, { allowsBare: isWhole, allowsDouble: true });
  const encoded = pieces.map((piece) => (typeof piece === 'string' ? literal(piece) : piece));
  return (values) => {
    const filled = joinPieces(encoded, escapes, values, outer);
    return filled === '' && escapes.length > 0 ? null : filled;
  };
}

function compileBodyValue(value: unknown): (values: TemplateValues) => unknown {
  if (typeof value === 'string') {
    const fill = compileText(value, asItIs, asItIs);
    return (values) => fill(values) ?? undefined;
  }
  if (Array.isArray(value)) {
    const items = value.map(compileBodyValue);
    return (values) => {
      const filled = items.map((item) => item(values));
      return filled.includes(undefined) ? undefined : filled;
    };
  }
  if (typeof value !== 'object' || value === null) return () => value;
  const entries = Object.entries(value).map(([key, item]) => [key, compileBodyValue(item)] as const);
  return (values) => {
    const filled = entries.map(([key, item]) => [key, item(values)] as const);
    return filled.some(([, item]) => item === undefined) ? undefined : Object.fromEntries(filled);
  };
}

function splitPieces(text: string): Piece[] {
  return text
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.startsWith('{')) return parsePlaceholder(piece.slice(1, -1));
      if (/[{}]/.test(piece))
        throw new TemplateFault('has an unmatched brace; for a literal brace in a path, write %7B or %7D');
      return piece;
    });
}

function parsePlaceholder(name: string): Placeholder {
  if (name === 'userid') return { pointer: null };
  if (!name.startsWith('/')) {
    throw new TemplateFault(`has the placeholder {${name}}; only {userid} and pointers such as {/id} are allowed`);
  }
  try {
    return { pointer: compilePointer(name) };
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
    throw new TemplateFault(`has the placeholder {${name}}, which ${error.message}`);
  }
}

/** Returns the escaping of each placeholder, in order, depending on the surrounding quotes. */
function findEscapes(pieces: readonly Piece[], { allowsBare = false, allowsDouble = false }): Escape[] {
  const escapes: Escape[] = [];
  let quote = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      quote = followQuotes(piece.replace(/%22/g, '"').replace(/%27/g, "'"), quote);
    } else if (quote === '"') {
      if (!allowsDouble) throw new TemplateFault('has a placeholder in double quotes in the path');
      escapes.push(inDoubleQuotes);
    } else if (quote === "'") escapes.push(inSingleQuotes);
    else if (allowsBare) escapes.push(asItIs);
    else {
      throw new TemplateFault(
        'has a placeholder that would be unescaped in an expression. Quote it, for example "{userid}", or make it the whole value',
      );
    }
  }
  if (quote !== '' && escapes.length > 0) throw new TemplateFault(`has an opening ${quote} without a closing one`);
  return escapes;
}

/** @returns the quote that is open at the end of `literal`; empty if there is none. */
function followQuotes(literal: string, open: string): string {
  let quote = open;
  for (let at = 0; at < literal.length; at++) {
    const character = literal[at] ?? '';
    if (quote === '"' && character === '\\') at++;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  return quote;
}

/** @param outer escapes text for its position in the request, after it was escaped for the surrounding text. */
function joinPieces(
  pieces: readonly Piece[],
  escapes: readonly Escape[],
  values: TemplateValues,
  outer: Escape,
): string | null {
  let at = 0;
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const value = valueIn(piece, values);
    if (value === null) return null;
    try {
      text += outer((escapes[at] ?? asItIs)(value));
    } catch {
      // encodeURIComponent throws for a lone surrogate, which UTF-8 cannot represent.
      return null;
    }
    at++;
  }
  return text;
}

function valueIn({ pointer }: Placeholder, { userid, entry, everyValue }: TemplateValues): string | null {
  if (pointer === null) return userid;
  if (everyValue !== undefined) return everyValue;
  const value = pointer.find(entry);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Percent-encodes the characters that a URL must not contain; existing encoding is kept. */
function encodeLiteral(literal: string): string {
  try {
    return encodeURI(literal)
      .replace(/%25(?=[0-9A-Fa-f]{2})/g, '%')
      .replaceAll("'", '%27');
  } catch {
    throw new TemplateFault('has an unpaired surrogate, which is invalid in a URL');
  }
}
