// Kinds of known users that reveal errors, and which of them are missing in a run; names that can be written in two ways.
import type { ConformanceReport } from '../schemas/generated/conformance-report.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { validateUserInfoLenient } from '../schemas/validators.ts';
import { decodeBody, findJson } from './user-info-body.ts';

export type UserKind = NonNullable<ConformanceReport['missingUserKinds']>[number];

/** With at least this many groups, a source returns them in pages or in a second query. */
const manyGroups = 20;

/** Each kind: its description, and the rule for the name or for the data of a user. */
export const userKinds: Readonly<
  Record<
    UserKind,
    {
      readonly words: string;
      readonly name?: (userid: string) => boolean;
      readonly data?: (user: UserInfo) => boolean;
    }
  >
> = {
  'non-ascii': { words: 'a letter such as é in the name', name: (userid) => /[^\x20-\x7e]/.test(userid) },
  quote: { words: "an apostrophe in the name, as in o'hara", name: (userid) => /['"]/.test(userid) },
  plus: { words: 'a plus sign in the name', name: (userid) => userid.includes('+') },
  'no-groups': { words: 'no groups', data: ({ groups }) => groups.length === 0 },
  'one-value': {
    words: 'an attribute with exactly one value',
    data: ({ authorizations }) => Object.values(authorizations).some((values) => values.length === 1),
  },
  'many-groups': { words: `${manyGroups} groups or more`, data: ({ groups }) => groups.length >= manyGroups },
};

const kinds = Object.keys(userKinds) as UserKind[];

/** Returns the kinds of names that none of the user ids has; kinds of data are not included. */
export function findMissingNames(userids: readonly string[]): UserKind[] {
  return kinds.filter((kind) => userKinds[kind].name !== undefined && !userids.some(userKinds[kind].name));
}

function readUser(body: Buffer): UserInfo | null {
  const json = findJson(decodeBody(body));
  return json !== null && validateUserInfoLenient(json.value) ? (json.value as UserInfo) : null;
}

/**
 * Returns the kinds to which none of the known users belongs.
 *
 * @param bodies bodies of the 200 responses for known users; a body that is not user info is ignored.
 */
export function findMissingKinds(userids: readonly string[], bodies: readonly Buffer[]): UserKind[] {
  const users = bodies.map(readUser).filter((user) => user !== null);
  const names = new Set(findMissingNames(userids));
  return kinds.filter((kind) => {
    const { data } = userKinds[kind];
    return data === undefined ? names.has(kind) : !users.some(data);
  });
}

/**
 * Returns e.g. "No known user has: a plus sign in the name; no groups. Errors often occur with such users: add them with --known-user ID." Returns ""
 * if no kind is missing.
 */
export function describeMissingKinds({ missingUserKinds = [] }: ConformanceReport): string {
  if (missingUserKinds.length === 0) return '';
  const words = missingUserKinds.map((kind) => userKinds[kind].words);
  return `No known user has: ${words.join('; ')}. Errors often occur with such users: add them with --known-user ID.`;
}

/** Returns whether a name contains a character that forms and paths encode in two ways. */
export function hasPlusOrSpace(name: string): boolean {
  return /[+ ]/.test(name);
}

/** Returns a name with its composed letters in the other Unicode form, NFC or NFD; returns the name unchanged if it contains no such letters. */
export function inOtherForm(name: string): string {
  const composed = name.normalize('NFC');
  return name === composed ? name.normalize('NFD') : composed;
}

/** Returns whether a name has letters that Unicode represents in two ways. */
export function hasTwoForms(name: string): boolean {
  return inOtherForm(name) !== name;
}
