// Tests that the hash is HalfSipHash-1-3 and depends on its key.
import { expect } from 'chai';
import { createHashKey, hashBytes } from './keyed-hash.ts';

// lib/siphash_kunit.c of the Linux kernel, `test_vectors_hsiphash` for 32-bit systems: the hashes of the inputs '', 00, 00 01, 00 01 02, …
const kernelVectors = [0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6];

describe('keyed hash', () => {
  it('matches the test vectors of the Linux kernel', () => {
    const input = Uint8Array.from(kernelVectors.keys());
    const hashes = kernelVectors.map((_, length) => hashBytes(input, 0, length, 0x03020100, 0x07060504) >>> 0);
    expect(hashes).to.deep.equal(kernelVectors);
  });

  it('returns the same hash for a range and its copy', () => {
    const text = Buffer.from('ada@example.com');
    expect(hashBytes(Buffer.concat([Buffer.from('xyz'), text]), 3, 3 + text.length, 1, 2)).to.equal(
      hashBytes(text, 0, text.length, 1, 2),
    );
  });

  it('depends on the key', () => {
    const [key0, key1] = createHashKey();
    const text = Buffer.from('ada@example.com');
    expect(hashBytes(text, 0, text.length, key0, key1)).to.not.equal(hashBytes(text, 0, text.length, key0, key1 ^ 1));
  });
});
