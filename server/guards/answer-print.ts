// Owns what is remembered of an answer to compare it with the next one: keyed hashes, from which nothing can be read back.
import { randomBytes } from 'node:crypto';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** 32-bit hashes of an answer's groups and of its attribute values, in its order. */
export interface AnswerPrint {
  readonly groups: Int32Array;
  readonly values: Int32Array;
}

/** Makes the function that prints an answer; each printer has a random key, so prints of two can't be compared. */
export function createAnswerPrinter(): (answer: UserInfo) => AnswerPrint {
  const key = randomBytes(8);
  const seed = key.readInt32LE(0);
  const factor = key.readInt32LE(4) | 1;
  return ({ groups, authorizations }) => {
    const groupHashes = new Int32Array(groups.length);
    // Counted, since each look-up does it: an iterator costs more than the hashes.
    for (let at = 0; at < groups.length; at++) groupHashes[at] = hashText(groups[at]?.name ?? '', seed, factor);
    const valueHashes: number[] = [];
    for (const name of Object.keys(authorizations)) {
      const start = hashText(name, seed, factor);
      for (const value of authorizations[name] ?? []) valueHashes.push(hashText(value, start, factor));
    }
    return { groups: groupHashes, values: Int32Array.from(valueHashes) };
  };
}

/** A multiplication for each character, and a last mixing: two texts of an answer collide once in four billion. */
function hashText(text: string, seed: number, factor: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Equal groups and equal values, in whatever order. */
export function isSamePrint(a: AnswerPrint, b: AnswerPrint): boolean {
  return isSameSet(a.groups, b.groups) && isSameSet(a.values, b.values);
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

function isSameSet(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && countMissing(a, b) === 0;
}

function countMissing(old: Int32Array, current: Int32Array): number {
  // Most answers are the last one again, in its order.
  let same = 0;
  while (same < old.length && old[same] === current[same]) same++;
  if (same === old.length) return 0;
  const present = new Set(current);
  return old.reduce((missing, hash) => missing + (present.has(hash) ? 0 : 1), 0);
}
