// Corruption of a byte stream for the tests: flips, inserts, repeats and drops bytes, decided by a seed.

/** Changes the bytes of one direction of one connection, chunk by chunk. */
export type Alter = (bytes: Buffer) => Buffer;

export interface GarbleOptions {
  readonly seed: number;
  /** Number of bytes at the start of a connection that pass unchanged. */
  readonly afterBytes?: number;
  /** Maximum number of bytes between two corruptions. */
  readonly distance?: number;
  /**
   * Texts whose bytes are not changed. A protocol without checksums cannot detect a changed letter in a value. A test that requires "the right answer
   * or an error" therefore leaves the values unchanged and corrupts everything around them.
   */
  readonly spared?: readonly string[];
}

const changes = ['flip', 'insert', 'repeat', 'drop'] as const;

/** Creates the corruption of each connection; the n-th connection of a seed is always corrupted in the same way. */
export function createGarbler({ seed, afterBytes = 0, distance = 200, spared = [] }: GarbleOptions): () => Alter {
  let connections = 0;
  return () => {
    const random = createRandom(seed * 1009 + connections++);
    const below = (limit: number) => Math.floor(random() * limit);
    let next = afterBytes + below(distance);
    let passed = 0;
    return (bytes) => {
      const end = passed + bytes.length;
      if (next >= end) {
        passed = end;
        return bytes;
      }
      const kept = sparedRanges(bytes, spared);
      let altered = bytes;
      let shift = 0;
      for (; next < end; next += 1 + below(distance)) {
        const place = next - passed;
        const size = 1 + below(6);
        const change = changes[below(changes.length)] ?? 'flip';
        const touched = change === 'insert' ? 0 : change === 'flip' ? 1 : size;
        if (kept.some(([from, to]) => place < to && place + Math.max(touched, 1) > from && place !== from - touched))
          continue;
        const before = altered.subarray(0, place + shift);
        const piece = altered.subarray(place + shift, place + shift + touched);
        const after = altered.subarray(place + shift + touched);
        const made = {
          flip: () => Buffer.from(piece.map((byte) => byte ^ (1 + below(255)))),
          insert: () => Buffer.from(Array.from({ length: size }, () => below(256))),
          repeat: () => Buffer.concat([piece, piece]),
          drop: () => Buffer.alloc(0),
        }[change]();
        altered = Buffer.concat([before, made, after]);
        shift += made.length - piece.length;
      }
      passed = end;
      return altered;
    };
  };
}

function sparedRanges(bytes: Buffer, spared: readonly string[]): Array<readonly [from: number, to: number]> {
  return spared.flatMap((text) => {
    const ranges: Array<readonly [number, number]> = [];
    const wanted = Buffer.from(text);
    for (let place = bytes.indexOf(wanted); place !== -1; place = bytes.indexOf(wanted, place + 1)) {
      ranges.push([place, place + wanted.length]);
    }
    return ranges;
  });
}

/** Returns a generator of numbers of at least 0 and less than 1. mulberry32 is small, and the same on every platform. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
