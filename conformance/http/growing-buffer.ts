// Byte buffer that grows by doubling, so that many small pieces do not need one object each and are copied a constant number of times.
export class GrowingBuffer {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    const wanted = this.#length + piece.length;
    if (wanted > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = wanted;
  }

  /** Returns the bytes so far. The view is valid until the next call of `append` or `clear`. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Returns a copy of the bytes so far, of exactly their length. */
  toBuffer(): Buffer {
    return Buffer.from(this.view());
  }
}
