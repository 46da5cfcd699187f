// Examines the body of a 200: UTF-8, JSON, schema, and user info. Its messages never quote the body.
import { createHash } from 'node:crypto';
import type { ErrorObject } from 'ajv/dist/2020.js';
import { findAt, findFirstValueEnd, nameType, withoutTrailingCommas } from '../schemas/json-text.ts';
import { validateUserInfo, validateUserInfoLenient } from '../schemas/validators.ts';
import type { Answer } from './http/endpoint-request.ts';
import { measureJson, withoutStrings } from './http/json-scan.ts';
import { rememberLatest } from './remember-latest.ts';

/** Returns whether the bytes are valid UTF-8. */
export function isUtf8(body: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/** Returns the text of a body; invalid UTF-8 becomes U+FFFD, and a byte order mark is kept. */
export function decodeBody(body: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
}

/** Returns whether the bytes are a UTF-16 or UTF-32 text. The evidence is its byte order mark or the first bytes of an object or array. */
export function isWideUnicode(body: Buffer): boolean {
  const [first, second] = body;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || (body.length > 1 && (first === 0 || second === 0));
}

/** Maximum nesting depth, because the functions that traverse a value are recursive. RFC 8259, 9, allows a limit. */
const maxReadDepth = 512;
/** Maximum number of commas and opening brackets. A user with 10,000 groups has 20,000. */
const maxReadValues = 100_000;

/** The value of a JSON text, in an object because it can be null; `too-large` if it exceeds the limits; null if the text is not JSON. */
const parseJson = rememberLatest((text): { readonly value: unknown } | 'too-large' | null => {
  try {
    const value: unknown = JSON.parse(text);
    const { depth, values } = measureJson(text);
    return depth > maxReadDepth || values > maxReadValues ? 'too-large' : { value };
  } catch {
    return null;
  }
});

/** Returns whether a text is JSON, at any depth. V8's parser accepts exactly the grammar of RFC 8259, 2. */
export function isJson(text: string): boolean {
  return parseJson(text) !== null;
}

/**
 * Returns the value of a JSON text, in an object because it can be null. Returns null when the text is not JSON (RFC 8259), or exceeds the limits.
 */
export function findJson(text: string): { readonly value: unknown } | null {
  const parsed = parseJson(text);
  return parsed === 'too-large' ? null : parsed;
}

/** Returns the probable reason why a text is not JSON. Node's own message must not be shown, because it quotes the text. */
export function explainInvalidJson(text: string): { readonly seen: string; readonly change: string } {
  const byLibrary = 'write the body with a JSON library';
  if (text.trim() === '') return { seen: 'an empty body', change: 'send the JSON object with status 200' };
  if (text.trimStart().startsWith('<')) {
    return {
      seen: 'an HTML or XML page',
      change: 'respond with JSON here; if a login page or a proxy responds instead, route the path to the endpoint',
    };
  }
  if (isJson(withoutTrailingCommas(text))) {
    return {
      seen: 'a comma before a closing bracket',
      change:
        'remove the trailing commas; the published sample has them, and it is not JSON. Use a JSON library instead of a text template',
    };
  }
  const end = findFirstValueEnd(text);
  if (end !== null && isJson(text.slice(0, end))) {
    return {
      seen: 'data after the end of the JSON',
      change: 'send one JSON text and nothing after it: no second text, no semicolon, no debug output',
    };
  }
  const bare = withoutStrings(text);
  if (/[:[,]\s*(?:NaN|-?Infinity|undefined|None|True|False)\b/.test(bare)) {
    return { seen: 'an unquoted word that is not valid in JSON', change: byLibrary };
  }
  if (/\/\/|\/\*|^[ \t]*#/m.test(bare))
    return { seen: 'a comment', change: 'remove the comments: JSON does not allow them' };
  if (/[{,[]\s*'/.test(bare)) return { seen: 'single quotes', change: 'put names and values into double quotes' };
  if (/^\s*[{[]/.test(bare) && end === null) {
    return {
      seen: 'a body that ends before its last bracket is closed',
      change: 'send the whole body, or an error if the body cannot be created',
    };
  }
  return { seen: 'a body that is not JSON', change: byLibrary };
}

/** Returns a JSON pointer that can be shown: names that are user data, such as attribute names, become "*". */
function redactPointer(pointer: string): string {
  const [top, ...rest] = pointer.split('/').slice(1);
  if (top === undefined) return 'the top level';
  const isIndex = (part: string, depth: number) => /^\d+$/.test(part) && (top === 'groups' || depth > 0);
  const isOwn = (part: string) => top === 'groups' && part === 'name';
  const shown = rest.map((part, depth) => (isIndex(part, depth) || isOwn(part) ? part : '*'));
  return ['', top === 'groups' || top === 'authorizations' ? top : '*', ...shown].join('/');
}

function isUserInfoLike(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    ('groups' in value || 'authorizations' in value)
  );
}

/** Returns whether a JSON value, at any depth, has a key of the user info. */
function holdsUserInfoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isUserInfoLike(value) || Object.values(value).some(holdsUserInfoKey);
}

function adviseOn({ instancePath, keyword }: ErrorObject, value: unknown): string {
  const isNull = keyword === 'type' && findAt(value, instancePath) === null;
  if (isNull && /^\/(?:groups|authorizations)$/.test(instancePath)) {
    return 'send [] and {} for a user who has none, and never null: null may be read as unknown';
  }
  if (/^\/groups\/\d+$/.test(instancePath) && keyword === 'type') {
    return 'send each group as an object with a name, {"name": "…"}, not as a bare string';
  }
  if (instancePath.startsWith('/groups'))
    return 'send groups as a list of objects, each with a non-empty name: [{"name": "…"}]';
  if (instancePath.startsWith('/authorizations')) {
    return 'send authorizations as an object that maps each attribute name to a list of non-empty strings, even for a single value';
  }
  if (Array.isArray(value)) return 'send the object itself, not a list that contains it: the request is for one user';
  if (!isUserInfoLike(value) && holdsUserInfoKey(value)) {
    return 'remove the wrapper object: groups and authorizations are top-level keys';
  }
  return 'send one object with the keys groups and authorizations; for a user who has none, [] and {}';
}

/** Returns the first violation of the schema in words; null: none. `isStrict`: additional keys are a violation. */
export function findSchemaFault(
  value: unknown,
  isStrict: boolean,
): { readonly seen: string; readonly change: string } | null {
  const validate = isStrict ? validateUserInfo : validateUserInfoLenient;
  if (validate(value)) return null;
  const error = validate.errors?.[0];
  if (!error) return null;
  const found = error.keyword === 'type' ? `, found ${nameType(findAt(value, error.instancePath))}` : '';
  return { seen: `${redactPointer(error.instancePath)} ${error.message}${found}`, change: adviseOn(error, value) };
}

/** Returns whether a lenient consumer, i.e. one that parses bodies with any status, would find user info in the body. */
export function couldBeUserInfo(body: Buffer): boolean {
  const text = decodeBody(body).replace(/^\uFEFF/, '');
  const json = findJson(text) ?? findJson(withoutTrailingCommas(text));
  return json !== null && holdsUserInfoKey(json.value);
}

/** Describes a body without its content; continues "status 200 with …". */
export function describeContent(body: Buffer): string {
  const text = decodeBody(body);
  if (text.trim() === '') return 'no content';
  const json = findJson(text);
  if (!json) return text.trimStart().startsWith('<') ? 'a page' : 'a body that is not JSON';
  const { value } = json;
  if (!isUserInfoLike(value)) {
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return `${isEmpty ? 'an empty object or array' : nameType(value)} without user info`;
  }
  return validateUserInfoLenient(value) && value.groups.length + Object.keys(value.authorizations).length === 0
    ? 'user info that is empty'
    : 'user info';
}

/** Returns JSON with the members of objects and the items of lists sorted. */
function writeSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeSorted).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${writeSorted(item)}`);
  return `{${members.sort().join()}}`;
}

/** Returns only the parts that the platform reads, because other parts, such as a timestamp or a request id, may differ each time. */
function pickUserInfo(value: unknown): unknown {
  if (!isUserInfoLike(value)) return value;
  const { groups, authorizations } = value as { groups?: unknown; authorizations?: unknown };
  const names = Array.isArray(groups)
    ? groups.map((group: unknown) =>
        typeof group === 'object' && group !== null && 'name' in group ? { name: group.name } : group,
      )
    : groups;
  return { groups: names ?? null, authorizations: authorizations ?? null };
}

/**
 * Returns a digest that is equal for two bodies with the same groups and authorizations, ignoring order and other keys. null: the body is not JSON,
 * or too large or too deep to be evaluated.
 */
export function findMeaning(body: Buffer): string | null {
  const known = meanings.get(body);
  if (known !== undefined) return known;
  const json = findJson(decodeBody(body));
  const meaning =
    json &&
    createHash('sha256')
      .update(writeSorted(pickUserInfo(json.value)))
      .digest('base64');
  meanings.set(body, meaning);
  return meaning;
}

/** Returns text that is equal for two bodies with the same groups and values in the same order, ignoring other keys; null as for findMeaning. */
export function findOrder(body: Buffer): string | null {
  const json = findJson(decodeBody(body));
  if (!json) return null;
  if (!isUserInfoLike(json.value)) return JSON.stringify(json.value);
  const { groups, authorizations } = pickUserInfo(json.value) as { groups?: unknown; authorizations?: unknown };
  const isMap = typeof authorizations === 'object' && authorizations !== null && !Array.isArray(authorizations);
  // The members of an object have no order.
  const attributes = isMap
    ? Object.entries(authorizations).sort(([one], [other]) => (one < other ? -1 : 1))
    : authorizations;
  return JSON.stringify([groups, attributes]);
}

function isNotEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Returns whether a JSON value, at any depth, contains groups or authorizations that are not empty. */
function holdsUserInfo(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { groups, authorizations } = value as { groups?: unknown; authorizations?: unknown };
  return isNotEmpty(groups) || isNotEmpty(authorizations) || Object.values(value).some(holdsUserInfo);
}

/** Returns whether a response contains user info: any user info with status 200, or non-empty groups or authorizations with another status. */
export function isUserInfoDisclosed({ status, body }: Pick<Answer, 'status' | 'body'>): boolean {
  if (status === 200) return couldBeUserInfo(body);
  const json = findJson(decodeBody(body).replace(/^\uFEFF/, ''));
  return json !== null && holdsUserInfo(json.value);
}

/** Results are cached, because checks compare the same bodies repeatedly. */
const meanings = new WeakMap<Buffer, string | null>();
