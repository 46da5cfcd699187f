// JSON form of text in UTF-8 bytes: exactly what JSON.stringify writes between the quotes.

/** The escape of each byte that has one; `undefined` for all others. */
const escapes: readonly (Buffer | undefined)[] = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  const written = JSON.stringify(character).slice(1, -1);
  return written === character ? undefined : Buffer.from(written);
});

/** No byte becomes longer than this (`\u001f`). */
export const maxEscapedBytesPerByte = 6;

/** Writes the escaped form of `bytes[start, end)` to the beginning of `target` and returns its length in bytes. */
export function escapeJson(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const escaped = byte < 0x80 ? escapes[byte] : undefined;
    if (escaped === undefined) target[length++] = byte;
    else {
      target.set(escaped, length);
      length += escaped.length;
    }
  }
  return length;
}

/**
 * Asserts that `bytes[start, end)` is valid as the content of a non-empty JSON string.
 *
 * @throws {Error} a bug: the bytes came from `escapeJson` or had nothing to escape.
 */
export function assertJsonText(bytes: Uint8Array, start: number, end: number): void {
  let isSound = start < end;
  for (let at = start; at < end && isSound; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte === 0x22) isSound = false;
    if (byte === 0x5c) {
      at++;
      isSound = at < end && '"\\bfnrtu'.includes(String.fromCharCode(bytes[at] as number));
    }
  }
  if (!isSound) throw new Error('A text that is not JSON reached the dictionary.');
}
