// Keyed hashes for the tables, so that nobody can choose userids or values that collide.
import { randomBytes } from 'node:crypto';

/** Two 32-bit words, secret to this process. */
export type HashKey = readonly [number, number];

export function createHashKey(): HashKey {
  const bytes = randomBytes(8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}

/**
 * Returns the HalfSipHash-1-3 of `bytes[start, end)` as a signed 32-bit integer.
 *
 * The 32-bit sibling of SipHash by its authors (github.com/veorq/SipHash, halfsiphash.c), with the rounds that the Linux kernel uses for hash tables
 * (`hsiphash`): JavaScript has no fast 64-bit words.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, key0: number, key1: number): number {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const length = end - start;
  const wordsEnd = start + (length & ~3);
  let word = 0;
  let at = start;
  for (;;) {
    const isLast = at === wordsEnd;
    if (isLast) {
      word = (length & 0xff) << 24;
      if (length & 2) {
        word |= (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
        if (length & 1) word |= (bytes[at + 2] as number) << 16;
      } else if (length & 1) word |= bytes[at] as number;
    } else {
      word =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      at += 4;
    }
    v3 ^= word;
    // One round. Inlined, here and below, because a function would need four results.
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (isLast) break;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

/** Starts the hash of a text: `hashText` continues it. */
export function textHashStart(key: HashKey): number {
  return key[0];
}

/** Returns an odd multiplier, which is also secret. */
export function textHashFactor(key: HashKey): number {
  return key[1] | 1;
}

/**
 * Returns the hash of groups and values: from `textHashStart`, `hash = Math.imul(hash ^ byte, textHashFactor)` for each byte.
 *
 * It is weaker than HalfSipHash, but can be computed while a field is split: there are some twenty texts per userid. It is used only while a file is
 * loaded, for texts that are stored once each.
 */
export function hashText(bytes: Uint8Array, start: number, end: number, hashStart: number, factor: number): number {
  let hash = hashStart;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), factor);
  return hash;
}
