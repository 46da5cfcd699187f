// Checks of the content of a 200: JSON, schema, and names that arrive unaltered.
import type { Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { type JsonScan, scanJson } from '../http/json-scan.ts';
import {
  decodeBody,
  explainInvalidJson,
  findJson,
  findSchemaFault,
  isJson,
  isUtf8,
  isWideUnicode,
} from '../user-info-body.ts';
import { bodyCheck } from './body-check.ts';
import { findNames, type UserName } from './body-names.ts';

/** Returns the text of a body without the byte order mark, which another check covers. */
function readText({ body }: Answer): string {
  return decodeBody(body).replace(/^\uFEFF/, '');
}

/** Scans the text of a JSON body. Throws Untestable if it is not JSON. */
function scanBody(answer: Answer): JsonScan {
  const text = readText(answer);
  if (!isJson(text)) throw new Untestable('The body is not JSON: see known-user-json.');
  return scanJson(text);
}

/** Returns the value of a JSON body. Throws Untestable if it is not JSON. */
function readValue(answer: Answer): unknown {
  const text = readText(answer);
  if (!isJson(text)) throw new Untestable('The body is not JSON: see known-user-json.');
  const json = findJson(text);
  if (!json) throw new Untestable('The body is too large or nested too deeply to be evaluated: see known-user-schema.');
  return json.value;
}

/** Returns the kind of the first wrong name, e.g. "a group name"; null: none is wrong. */
function findKind(answer: Answer, isWrong: (name: UserName) => boolean): string | null {
  return findNames(readValue(answer)).find(isWrong)?.kind ?? null;
}

const strictJson = bodyCheck({
  id: 'known-user-json',
  title: 'MUST send a 200 whose body is one valid JSON text',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-5'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'A strict parser rejects any other body. The published sample has trailing commas, so it is not valid JSON either.',
  expected: 'a body that a strict JSON parser accepts',
  change: 'write the body with a JSON library instead of a text template',
  fix: [
    {
      stack: 'flask',
      text: 'Use jsonify: str(dict) writes single quotes, and json.dumps writes NaN unless allow_nan=False.',
    },
    { stack: 'nginx', text: 'If a template produces the body, escape quotes and backslashes in names.' },
  ],
  findFault(answer) {
    const text = readText(answer);
    if (isJson(text)) return null;
    if (isWideUnicode(answer.body)) throw new Untestable('The body is not UTF-8: see known-user-utf-8.');
    return explainInvalidJson(text);
  },
});

const schema = bodyCheck({
  id: 'known-user-schema',
  title: 'MUST send groups and authorizations in the documented shape',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-4'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'The documentation does not say what the platform does with a body of a different shape. The platform may interpret such a body as an empty list of groups.',
  expected: 'a body that matches the schema',
  change:
    'send {"groups": [{"name": "…"}], "authorizations": {"…": ["…"]}}, and [] and {} for a user without groups or attributes',
  fix: [
    { stack: 'go', text: 'Initialize the slices and maps before encoding: a nil slice is written as null.' },
    {
      stack: 'spring',
      text: 'Do not let Jackson omit empty members or write them as null: use @JsonInclude(ALWAYS) and empty lists.',
    },
  ],
  findFault(answer, { options }) {
    const text = readText(answer);
    if (!isJson(text)) throw new Untestable('The body is not JSON: see known-user-json.');
    const json = findJson(text);
    return json
      ? findSchemaFault(json.value, options.strictKeys)
      : { seen: 'a body nested deeper than 512 levels, or with more than 100,000 commas and opening brackets' };
  },
});

const uniqueNames = bodyCheck({
  id: 'known-user-unique-keys',
  title: 'MUST NOT send a key twice in one JSON object of a 200',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'Parsers use either the first or the last value, not both: part of the access is silently lost.',
  expected: 'each key only once per object, after escapes are decoded',
  change: 'collect all values of an attribute in one list before writing the body',
  fix: [{ stack: 'any', text: 'Write a map with a JSON library instead of concatenating text.' }],
  findFault: (answer) => (scanBody(answer).hasRepeatedName ? { seen: 'a repeated key' } : null),
});

const loneSurrogates = bodyCheck({
  id: 'known-user-lone-surrogates',
  title: 'SHOULD NOT send an unpaired surrogate in a 200',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-4'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'Parsers handle an unpaired surrogate differently: some reject the name, others change it so that it matches no policy.',
  expected: 'surrogate escapes in pairs only',
  change: 'do not truncate text in the middle of a surrogate pair, e.g. at a column width',
  fix: [],
  findFault: (answer) =>
    scanBody(answer).hasLoneSurrogate ? { seen: 'an unpaired surrogate, e.g. \\ud83d alone' } : null,
});

/** User info has three levels; the rest allows for additional keys. */
const maxDepth = 32;

const depth = bodyCheck({
  id: 'known-user-depth',
  title: 'SHOULD NOT nest the body of a 200 more than 32 levels deep',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-5'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Parsers reject deeply nested JSON, and some crash. User info has three levels.',
  expected: `at most ${maxDepth} levels`,
  change: 'omit nested data: only groups and authorizations are required',
  fix: [],
  findFault(answer) {
    const levels = scanBody(answer).depth;
    return levels > maxDepth ? { seen: `${levels} levels` } : null;
  },
});

const maxBytes = 1024 * 1024;

const size = bodyCheck({
  id: 'known-user-size',
  title: 'MAY limit the body of a 200 to 1 MiB',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-6'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'The documentation does not say how much the platform reads. A common limit for a JSON body is 1 MiB.',
  expected: 'at most 1,048,576 bytes',
  change: 'omit groups and values that no policy needs',
  fix: [],
  findFault: ({ body }) => (body.length > maxBytes ? { seen: `${body.length} bytes` } : null),
});

const prototypeKey = bodyCheck({
  id: 'known-user-prototype-key',
  title: 'SHOULD NOT name an attribute __proto__ in a 200',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'JavaScript drops or misuses this key when it merges objects, and the platform merges the response. The attribute is lost, or it changes other attributes.',
  expected: 'attributes with any other name',
  change: 'rename the attribute in the data source or in the mapping',
  fix: [],
  findFault: (answer) =>
    findNames(readValue(answer)).some(({ kind, text }) => kind === 'an attribute name' && text === '__proto__')
      ? { seen: 'an attribute named __proto__' }
      : null,
});

const noDuplicates = bodyCheck({
  id: 'known-user-no-duplicates',
  title: 'SHOULD NOT send a group twice, or a value twice for one attribute',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'cosmetic',
  sentByPlatform: true,
  why: 'The documentation does not say what the platform does with duplicates. A common cause is a join that multiplies rows.',
  expected: 'each group once, and each value once per attribute',
  change: 'remove the duplicates from the lists',
  fix: [],
  findFault(answer) {
    const seen = new Set<string>();
    for (const { kind, text, of } of findNames(readValue(answer))) {
      const key = JSON.stringify([kind, of, text]);
      if (seen.has(key)) return { seen: `${kind} that is repeated` };
      seen.add(key);
    }
    return null;
  },
});

const noOuterSpace = bodyCheck({
  id: 'known-user-no-outer-space',
  title: 'SHOULD NOT send names or values with surrounding white space',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A padded name looks right on screen, but matches no group and no policy.',
  expected: 'names and values without surrounding white space',
  change: 'trim names and values where they are read, e.g. from padded CHAR columns and comma-separated lists',
  fix: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => text !== text.trim());
    return kind === null ? null : { seen: `${kind} with surrounding white space` };
  },
});

const visibleNames = bodyCheck({
  id: 'known-user-visible-names',
  title: 'SHOULD NOT send names or values with control or invisible characters',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A name with a tab, a NUL or a zero-width space looks correct, but matches no group and no policy.',
  expected: 'names and values without control, zero-width or bidirectional formatting characters',
  change: 'remove such characters where names are read, or reject the entry',
  fix: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => /[\p{Cc}\u200B\u2028-\u202E\u2060-\u2069\uFEFF]/u.test(text));
    return kind === null ? null : { seen: `${kind} with such a character` };
  },
});

/**
 * Letters of Windows-1252 where Latin-1 has control characters: map from letter to byte. Node 20 decodes windows-1252 as Latin-1, so the map is
 * necessary.
 */
const windows1252: ReadonlyMap<string, number> = new Map(
  [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ'].map(
    (letter, index) => [letter, 0x80 + index] as const,
  ),
);

/** Returns whether a text is UTF-8 that was read as Latin-1 or Windows-1252 and encoded again: "ZÃ¼rich", "StraÃŸe". */
function isTwiceEncoded(text: string): boolean {
  const bytes = Array.from(text, (letter) => windows1252.get(letter) ?? letter.codePointAt(0) ?? 0);
  return bytes.every((byte) => byte <= 0xff) && bytes.some((byte) => byte > 0x7f) && isUtf8(Buffer.from(bytes));
}

const decodedOnce = bodyCheck({
  id: 'known-user-decoded-once',
  title: 'SHOULD send names and values that were decoded correctly',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'If the data source is read in the wrong encoding, Zürich becomes ZÃ¼rich or Z�rich, which match no group or policy.',
  expected: 'no U+FFFD, and no UTF-8 that was encoded twice',
  change: 'read the data source in its own encoding, and encode the body only once',
  fix: [{ stack: 'spring', text: 'Specify the encoding when reading: new InputStreamReader(stream, UTF_8).' }],
  findFault(answer) {
    // decodeBody replaces bytes that are not UTF-8 with U+FFFD.
    if (!isUtf8(answer.body)) throw new Untestable('The body is not UTF-8: see known-user-utf-8.');
    const kind = findKind(answer, ({ text }) => text.includes('\uFFFD') || isTwiceEncoded(text));
    return kind === null ? null : { seen: `${kind} with such characters` };
  },
});

const notEscaped = bodyCheck({
  id: 'known-user-not-escaped',
  title: 'SHOULD NOT send names or values that are escaped for HTML',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-3'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'The group R&D differs from R&amp;D: a name that is escaped for an HTML page matches no policy.',
  expected: 'names and values without HTML escapes',
  change: 'write the body with a JSON library, and escape for HTML only in HTML pages',
  fix: [{ stack: 'flask', text: 'Use jsonify: templates escape for HTML automatically.' }],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => /&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);/i.test(text));
    return kind === null ? null : { seen: `${kind} with such an escape` };
  },
});

const composed = bodyCheck({
  id: 'known-user-nfc',
  title: 'MAY send names and values in the composed Unicode form (NFC)',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-4'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'ü can be one character or two. Policies are usually typed in the composed form, which the other form does not match.',
  expected: 'names and values in NFC',
  change: 'normalize names and values to NFC where they are read, unless policies use the other form',
  fix: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => text !== text.normalize('NFC'));
    return kind === null ? null : { seen: `${kind} that is not in NFC` };
  },
});

export const body: Topic = {
  title: 'The body of a 200',
  checks: [
    ...[strictJson, uniqueNames, loneSurrogates, schema, depth, size, prototypeKey],
    ...[noDuplicates, noOuterSpace, visibleNames, decodedOnce, notEscaped, composed],
  ],
};
