// Owns what is remembered of an answer to compare it with the next one: keyed hashes, from which nothing can be read back.
import { randomBytes } from 'node:crypto';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** Sorted 32-bit hashes of an answer's groups and of its attribute values. */
export interface AnswerPrint {
  readonly groups: Int32Array;
  readonly values: Int32Array;
}

/** Makes the function that prints an answer; each printer has a random key, so prints of two can't be compared. */
export function createAnswerPrinter(): (answer: UserInfo) => AnswerPrint {
  const key = randomBytes(8);
  const seed = key.readInt32LE(0);
  const factor = key.readInt32LE(4) | 1;
  return ({ groups, authorizations }) => ({
    groups: Int32Array.from(groups, ({ name }) => hashText(name, seed, factor)).sort(),
    values: Int32Array.from(
      Object.entries(authorizations).flatMap(([name, values]) => {
        const start = hashText(name, seed, factor);
        return values.map((value) => hashText(value, start, factor));
      }),
    ).sort(),
  });
}

/** A multiplication for each character, and a last mixing: two texts of an answer collide once in four billion. */
function hashText(text: string, seed: number, factor: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

export function isSamePrint(a: AnswerPrint, b: AnswerPrint): boolean {
  return isSameList(a.groups, b.groups) && isSameList(a.values, b.values);
}

/**
 * How much of `before` is missing in `now`, in percent: of the groups or of the values, whichever lost more.
 *
 * @param minSeen a list that was shorter than this has lost nothing, since each entry would be a large part of it.
 */
export function lossPercentOf(before: AnswerPrint, now: AnswerPrint, minSeen: number): number {
  const lossOf = (old: Int32Array, current: Int32Array) =>
    old.length < minSeen ? 0 : (countMissing(old, current) * 100) / old.length;
  return Math.max(lossOf(before.groups, now.groups), lossOf(before.values, now.values));
}

function isSameList(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((hash, index) => hash === b[index]);
}

/** Both lists are sorted. */
function countMissing(old: Int32Array, current: Int32Array): number {
  let missing = 0;
  let at = 0;
  for (const hash of old) {
    while (at < current.length && (current[at] as number) < hash) at++;
    if (current[at] === hash) at++;
    else missing++;
  }
  return missing;
}
