// Fingerprint of user info for comparison with the user's next user info: keyed hashes that reveal nothing.
import { randomBytes } from 'node:crypto';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/**
 * 32-bit hashes of an answer's groups and attribute values, in its order. Arrays, not Int32Arrays: an Int32Array of more than 64 bytes is allocated
 * outside the heap, which costs more than all the hashes.
 */
export interface AnswerPrint {
  readonly groups: readonly number[];
  readonly values: readonly number[];
}

/** Creates fingerprints ("prints") of answers. Each printer has a random key, so the prints of two printers cannot be compared. */
export class AnswerPrinter {
  readonly #seed = randomInt32();
  readonly #factor = randomInt32() | 1;

  printOf({ groups, authorizations }: UserInfo): AnswerPrint {
    const groupHashes: number[] = [];
    // A counted loop, since it runs for each lookup: an iterator costs more than the hashes.
    for (let at = 0; at < groups.length; at++) groupHashes.push(this.#hash(groups[at]?.name ?? '', this.#seed));
    const valueHashes: number[] = [];
    for (const name of Object.keys(authorizations)) {
      const start = this.#hash(name, this.#seed);
      for (const value of authorizations[name] ?? []) valueHashes.push(this.#hash(value, start));
    }
    return { groups: groupHashes, values: valueHashes };
  }

  /** Returns whether `print` belongs to `answer`, including the order. Allocates no memory, because most answers equal the previous one. */
  isPrintOf(print: AnswerPrint, { groups, authorizations }: UserInfo): boolean {
    if (groups.length !== print.groups.length) return false;
    for (let at = 0; at < groups.length; at++) {
      if (this.#hash(groups[at]?.name ?? '', this.#seed) !== print.groups[at]) return false;
    }
    let at = 0;
    for (const name of Object.keys(authorizations)) {
      const start = this.#hash(name, this.#seed);
      for (const value of authorizations[name] ?? []) if (this.#hash(value, start) !== print.values[at++]) return false;
    }
    return at === print.values.length;
  }

  /**
   * Hashes with one multiplication per character and a final mixing step: two texts of an answer collide with a probability of one in four billion.
   */
  #hash(text: string, seed: number): number {
    let hash = seed;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), this.#factor);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return hash ^ (hash >>> 13);
  }
}

function randomInt32(): number {
  return randomBytes(4).readInt32LE(0);
}

/** Length of the shortest list that is compared. */
const minCompared = 4;

/** Returns whether groups and values are equal, in any order. */
export function isSamePrint(a: AnswerPrint, b: AnswerPrint): boolean {
  return isSameSet(a.groups, b.groups) && isSameSet(a.values, b.values);
}

/**
 * Returns the percentage of `before` that is missing from `now`: that of the groups or that of the values, whichever is higher. A short list counts
 * as unchanged, since each entry would be a large part of it.
 */
export function lossPercentOf(before: AnswerPrint, now: AnswerPrint): number {
  const lossOf = (old: readonly number[], current: readonly number[]) =>
    old.length < minCompared ? 0 : (countMissing(old, current) * 100) / old.length;
  return Math.max(lossOf(before.groups, now.groups), lossOf(before.values, now.values));
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && countMissing(a, b) === 0;
}

function countMissing(old: readonly number[], current: readonly number[]): number {
  // Most answers equal the previous one, including the order.
  let same = 0;
  while (same < old.length && old[same] === current[same]) same++;
  if (same === old.length) return 0;
  const present = new Set(current);
  return old.reduce((missing, hash) => missing + (present.has(hash) ? 0 : 1), 0);
}
