// Owns judging the bytes of a 200: UTF-8, JSON, the schema; and words for what is wrong that quote nothing of them.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { validateUserInfo, validateUserInfoLenient } from '../schemas/validators.ts';
import type { Profile } from './conformance-options.ts';

/** Whether the bytes are UTF-8 in the strict sense. */
export function isUtf8(body: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/** The text of a body; bytes that are no UTF-8 become U+FFFD, and a byte order mark is kept. */
export function decodeBody(body: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
}

/** What a JSON text holds, boxed since it may be null; or null when it is no JSON (RFC 8259). */
export function findJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Takes out the commas that stand before a closing bracket, outside of strings. */
export function withoutTrailingCommas(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/gs, (match) => (match === ',' ? '' : match));
}

/** Why a text that is no JSON is none, as far as it can be guessed. Node's own message is of no use: it quotes the text. */
export function explainInvalidJson(text: string): { readonly seen: string; readonly change: string } {
  if (text.trim() === '') return { seen: 'an empty body', change: 'send the JSON object with the status 200' };
  if (text.startsWith('\uFEFF')) {
    return { seen: 'a byte order mark before the JSON', change: 'write the body without one (RFC 8259, 8.1)' };
  }
  if (text.trimStart().startsWith('<')) {
    return {
      seen: 'a page of HTML or XML',
      change:
        'answer with JSON here; where a login page or a proxy answers instead, let the path through to the endpoint',
    };
  }
  if (findJson(withoutTrailingCommas(text))) {
    return {
      seen: 'a comma before a closing bracket',
      change:
        'take the trailing commas out; the published sample has them, and it is not JSON. Use a JSON library instead of a text template',
    };
  }
  if (/(?<=[:[,]\s*)(?:NaN|-?Infinity|undefined|None|True|False)\b/.test(text)) {
    return { seen: 'a bare word that JSON does not know', change: 'write the body with a JSON library' };
  }
  if (/^\s*(?:\/\/|\/\*|#)/m.test(text)) return { seen: 'a comment', change: 'take comments out: JSON has none' };
  if (/[{,[]\s*'/.test(text)) return { seen: 'single quotes', change: 'put names and values into double quotes' };
  return { seen: 'a body that is no JSON, or more than one JSON text', change: 'write the body with a JSON library' };
}

/** A JSON pointer that can be shown: names that are a user's data, an attribute's among them, become "*". */
function redactPointer(pointer: string): string {
  const [top, ...rest] = pointer.split('/').slice(1);
  if (top === undefined) return 'the top level';
  const isIndex = (part: string, depth: number) => /^\d+$/.test(part) && (top === 'groups' || depth > 0);
  const isOwn = (part: string) => top === 'groups' && part === 'name';
  const shown = rest.map((part, depth) => (isIndex(part, depth) || isOwn(part) ? part : '*'));
  return ['', top === 'groups' || top === 'authorizations' ? top : '*', ...shown].join('/');
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function findAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (node, part) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[part] : undefined),
      value,
    );
}

function adviseOn({ instancePath, keyword }: ErrorObject): string {
  if (/^\/groups\/\d+$/.test(instancePath) && keyword === 'type') {
    return 'send each group as an object with a name, {"name": "…"}, not as a bare string';
  }
  if (instancePath.startsWith('/groups'))
    return 'send groups as a list of objects, each with a non-empty name: [{"name": "…"}]';
  if (instancePath.startsWith('/authorizations')) {
    return 'send authorizations as an object: attribute name to a list of non-empty strings, also for a single value';
  }
  return 'send one object with exactly the keys groups and authorizations; for a user who has none, [] and {}. Where more keys are wanted, test with --profile lenient';
}

/** The first breach of the schema, in words; null when the body holds. */
export function findSchemaFault(
  value: unknown,
  profile: Profile,
): { readonly seen: string; readonly change: string } | null {
  const validate = profile === 'strict' ? validateUserInfo : validateUserInfoLenient;
  if (validate(value)) return null;
  const error = validate.errors?.[0];
  if (!error) return null;
  const found = error.keyword === 'type' ? `, found ${nameType(findAt(value, error.instancePath))}` : '';
  return { seen: `${redactPointer(error.instancePath)} ${error.message}${found}`, change: adviseOn(error) };
}

/** Whether a JSON value, at any depth, has a key of the user info. */
function holdsUserInfoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    (!Array.isArray(value) && ('groups' in value || 'authorizations' in value)) ||
    Object.values(value).some(holdsUserInfoKey)
  );
}

/** Whether a lenient consumer, one that parses the body of any status, would find user info in it. */
export function couldBeUserInfo(body: Buffer): boolean {
  const text = decodeBody(body).replace(/^\uFEFF/, '');
  const json = findJson(text) ?? findJson(withoutTrailingCommas(text));
  return json !== null && holdsUserInfoKey(json.value);
}

function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(sortDeep(item))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, item]) => [key, sortDeep(item)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A text that is equal for two bodies that mean the same, order apart; null when the body is no JSON. */
export function findMeaning(body: Buffer): string | null {
  const json = findJson(decodeBody(body));
  return json && JSON.stringify(sortDeep(json.value));
}
