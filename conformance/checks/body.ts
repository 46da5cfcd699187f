// Owns the checks of what stands in a 200: JSON by the letter, the schema, and names that arrive as they were meant.
import type { Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { type JsonScan, scanJson } from '../json-scan.ts';
import type { Answer } from '../question.ts';
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

/** The text of a body without the byte order mark that another check judges. */
function readText({ body }: Answer): string {
  return decodeBody(body).replace(/^\uFEFF/, '');
}

/** What is only seen in the text of a JSON body. Throws Untestable when it is none. */
function scanBody(answer: Answer): JsonScan {
  const text = readText(answer);
  if (!isJson(text)) throw new Untestable('The body is no JSON: see known-user-json.');
  return scanJson(text);
}

/** The value of a JSON body. Throws Untestable when it is none. */
function readValue(answer: Answer): unknown {
  const text = readText(answer);
  if (!isJson(text)) throw new Untestable('The body is no JSON: see known-user-json.');
  const json = findJson(text);
  if (!json)
    throw new Untestable(
      'The body is too large or too deep to be evaluated: see known-user-size and known-user-depth.',
    );
  return json.value;
}

/** The first name of a kind that is not as it should be, e.g. "a group name"; null: none. */
function findKind(answer: Answer, isWrong: (name: UserName) => boolean): string | null {
  return findNames(readValue(answer)).find(isWrong)?.kind ?? null;
}

const strictJson = bodyCheck({
  id: 'known-user-json',
  level: 'MUST',
  title: 'MUST send a 200 whose body is one JSON text, by the letter of the standard',
  platformVerdict: 'refused',
  source: 'RFC 8259, 2',
  why: 'A strict parser takes no user info from it. The published sample has trailing commas, and is no JSON either.',
  expected: 'a body that a strict JSON parser takes',
  change: 'write the body with a JSON library instead of a text template',
  mend: [
    {
      stack: 'flask',
      text: 'Use jsonify: str(dict) writes single quotes, and json.dumps writes NaN unless allow_nan=False.',
    },
    { stack: 'nginx', text: 'Where a template makes the body, escape quotes and back-slashes in the names.' },
  ],
  findFault(answer) {
    const text = readText(answer);
    if (isJson(text)) return null;
    if (isWideUnicode(answer.body)) throw new Untestable('The body is no UTF-8: see known-user-utf-8.');
    return explainInvalidJson(text);
  },
});

const schema = bodyCheck({
  id: 'known-user-schema',
  level: 'MUST',
  title: 'MUST send groups and authorizations in the shape of the contract',
  platformVerdict: 'silently-wrong-access',
  source:
    'User info contract, the 200 body: user-info.schema.json, with --profile lenient user-info-lenient.schema.json',
  why: 'What the platform makes of another shape is documented nowhere: it may read it as no groups at all.',
  expected: 'a body that holds the schema',
  change: 'send {"groups": [{"name": "…"}], "authorizations": {"…": ["…"]}}, and [] and {} for a user who has none',
  mend: [
    { stack: 'go', text: 'Make the slices and maps before encoding: a nil slice is written as null.' },
    {
      stack: 'spring',
      text: 'Do not let Jackson leave out or null empty members: @JsonInclude(ALWAYS), and empty lists.',
    },
  ],
  findFault(answer, { profile }) {
    const text = readText(answer);
    if (!isJson(text)) throw new Untestable('The body is no JSON: see known-user-json.');
    const json = findJson(text);
    return json
      ? findSchemaFault(json.value, profile)
      : { seen: 'a body with hundreds of levels, or with more than 100,000 names and values' };
  },
});

const uniqueNames = bodyCheck({
  id: 'known-user-unique-keys',
  level: 'MUST',
  title: 'MUST NOT send a key twice in one object of a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, semantics: a 200 is complete; RFC 8259, 4; RFC 7493, 2.3',
  why: 'One parser takes the first, another the last, none takes both: a part of the access is lost, and nobody is told.',
  expected: 'each key once in its object, once escapes are undone',
  change: 'gather all values of an attribute into one list before writing',
  mend: [{ stack: 'any', text: 'Let a JSON library write a map: text that is put together by hand repeats keys.' }],
  findFault: (answer) => (scanBody(answer).hasRepeatedName ? { seen: 'a key that is there twice' } : null),
});

const loneSurrogates = bodyCheck({
  id: 'known-user-lone-surrogates',
  level: 'SHOULD',
  title: 'SHOULD NOT send half of a character as an escape in a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 8259, 8.2; RFC 7493, 2.1',
  why: 'What parsers make of a half differs: the name is refused, or replaced by one that matches no policy.',
  expected: 'surrogate escapes in pairs only',
  change: 'do not cut texts between the two halves of a character, e.g. at a column width',
  mend: [],
  findFault: (answer) => (scanBody(answer).hasLoneSurrogate ? { seen: 'half of a pair, e.g. \\ud83d alone' } : null),
});

/** A user info is 4 deep; the rest is for what the lenient profile tolerates beside it. */
const maxDepth = 32;

const depth = bodyCheck({
  id: 'known-user-depth',
  level: 'SHOULD',
  title: `SHOULD NOT nest a 200 deeper than ${maxDepth} levels`,
  platformVerdict: 'refused',
  source: 'RFC 8259, 9: parsers may limit the depth',
  why: 'Parsers refuse what is too deep, some by crashing. A user info is four levels deep.',
  expected: `at most ${maxDepth} levels`,
  change: 'leave out what is nested: the contract asks for groups and authorizations only',
  mend: [],
  findFault(answer) {
    const levels = scanBody(answer).depth;
    return levels > maxDepth ? { seen: `${levels} levels` } : null;
  },
});

const maxBytes = 1024 * 1024;

const size = bodyCheck({
  id: 'known-user-size',
  level: 'MAY',
  title: 'MAY keep a 200 below 1 MiB',
  platformVerdict: 'refused',
  source: 'User info contract, what is not known: size limits',
  why: 'How much the platform reads is documented nowhere, and a usual limit for a JSON body is 1 MiB.',
  expected: 'at most 1,048,576 bytes',
  change: 'leave out groups and values that no policy needs',
  mend: [],
  findFault: ({ body }) => (body.length > maxBytes ? { seen: `${body.length} bytes` } : null),
});

const prototypeKey = bodyCheck({
  id: 'known-user-prototype-key',
  level: 'SHOULD',
  title: 'SHOULD NOT name an attribute __proto__ in a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, semantics: a 200 is complete',
  why: 'JavaScript drops or misuses this key when objects are merged, and the answer is merged: the attribute is lost, or changes others.',
  expected: 'attributes of any other name',
  change: 'give the attribute another name in the source or in the mapping',
  mend: [],
  findFault: (answer) =>
    findNames(readValue(answer)).some(({ kind, text }) => kind === 'an attribute name' && text === '__proto__')
      ? { seen: 'an attribute of that name' }
      : null,
});

const noDuplicates = bodyCheck({
  id: 'known-user-no-duplicates',
  level: 'SHOULD',
  title: 'SHOULD NOT send a group twice, or a value twice for one attribute',
  platformVerdict: 'cosmetic',
  source: 'User info contract, what is not known: duplicates',
  why: 'What the platform makes of it is documented nowhere, and it is often the sign of a join that multiplies rows.',
  expected: 'each group once, and each value once for its attribute',
  change: 'make the lists distinct',
  mend: [],
  findFault(answer) {
    const seen = new Set<string>();
    for (const { kind, text, of } of findNames(readValue(answer))) {
      const key = JSON.stringify([kind, of, text]);
      if (seen.has(key)) return { seen: `${kind} that is there twice` };
      seen.add(key);
    }
    return null;
  },
});

const noOuterSpace = bodyCheck({
  id: 'known-user-no-outer-space',
  level: 'SHOULD',
  title: 'SHOULD NOT send names or values with white space at either end',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, the 200 body: names are compared exactly',
  why: 'A padded name looks right on every screen, and matches no group and no policy.',
  expected: 'names and values that begin and end with something else than white space',
  change:
    'trim names and values where they are read: CHAR columns are padded, and lists are split at commas without their spaces',
  mend: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => text !== text.trim());
    return kind === null ? null : { seen: `${kind} with white space at an end` };
  },
});

const visibleNames = bodyCheck({
  id: 'known-user-visible-names',
  level: 'SHOULD',
  title: 'SHOULD NOT send names or values with control or invisible characters',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, the 200 body: names are compared exactly',
  why: 'A name with a tab, a NUL or a zero-width space looks like another one, and matches no group and no policy.',
  expected: 'names and values without control, zero-width and direction characters',
  change: 'take such characters out where names are read, or refuse the entry',
  mend: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => /[\p{Cc}\u200B\u2028-\u202E\u2060-\u2069\uFEFF]/u.test(text));
    return kind === null ? null : { seen: `${kind} with such a character` };
  },
});

/** Windows-1252 has these where Latin-1 has controls: letter → byte. Node 20 decodes it as Latin-1, so it stands here. */
const windows1252: ReadonlyMap<string, number> = new Map(
  [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ'].map(
    (letter, index) => [letter, 0x80 + index] as const,
  ),
);

/** Whether a text is UTF-8 that was read as Latin-1 or Windows-1252 and encoded again: "ZÃ¼rich", "StraÃŸe". */
function isTwiceEncoded(text: string): boolean {
  const bytes = Array.from(text, (letter) => windows1252.get(letter) ?? letter.codePointAt(0) ?? 0);
  return bytes.every((byte) => byte <= 0xff) && bytes.some((byte) => byte > 0x7f) && isUtf8(Buffer.from(bytes));
}

const decodedOnce = bodyCheck({
  id: 'known-user-decoded-once',
  level: 'SHOULD',
  title: 'SHOULD send names and values that were decoded once, and rightly',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, the 200 body: names are compared exactly; RFC 8259, 8.1',
  why: 'A source that is read in the wrong encoding gives ZÃ¼rich or Z�rich for Zürich, which match no group and no policy.',
  expected: 'no U+FFFD, and no UTF-8 that was encoded twice',
  change: 'read the source in the encoding that it has, and encode once',
  mend: [{ stack: 'spring', text: 'Name the encoding when reading: new InputStreamReader(stream, UTF_8).' }],
  findFault(answer) {
    // Bytes that are no UTF-8 become U+FFFD on our side.
    if (!isUtf8(answer.body)) throw new Untestable('The body is no UTF-8: see known-user-utf-8.');
    const kind = findKind(answer, ({ text }) => text.includes('\uFFFD') || isTwiceEncoded(text));
    return kind === null ? null : { seen: `${kind} with such characters` };
  },
});

const notEscaped = bodyCheck({
  id: 'known-user-not-escaped',
  level: 'SHOULD',
  title: 'SHOULD NOT send names or values that are escaped for HTML',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, the 200 body: names are compared exactly',
  why: 'The group R&D is another one than R&amp;D: a name that is escaped for a page matches no policy.',
  expected: 'names and values as they are in the source',
  change: 'write with a JSON library, and escape for HTML in pages only',
  mend: [{ stack: 'flask', text: 'Use jsonify: a template escapes for HTML by itself.' }],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => /&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);/i.test(text));
    return kind === null ? null : { seen: `${kind} with such an escape` };
  },
});

const composed = bodyCheck({
  id: 'known-user-nfc',
  level: 'MAY',
  title: 'MAY send names and values in Unicode’s composed form',
  platformVerdict: 'silently-wrong-access',
  source: 'User info contract, the 200 body: names are compared exactly; RFC 8259, 8.3',
  why: 'ü is one character or two. Policies are typed in the composed form, and the other one does not match them.',
  expected: 'names and values in the form NFC',
  change: 'normalise names and values to NFC where they are read, unless the policies have the same form',
  mend: [],
  findFault(answer) {
    const kind = findKind(answer, ({ text }) => text !== text.normalize('NFC'));
    return kind === null ? null : { seen: `${kind} in another form` };
  },
});

export const body: Topic = {
  title: 'The body of a 200',
  checks: [
    ...[strictJson, uniqueNames, loneSurrogates, schema, depth, size, prototypeKey],
    ...[noDuplicates, noOuterSpace, visibleNames, decodedOnce, notEscaped, composed],
  ],
};
