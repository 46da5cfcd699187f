// Framing validation of PostgreSQL messages: forwards only complete messages that are exactly as long as they announce.
import { WireError } from './foreign-server.ts';

const headerBytes = 5;
/** Far longer than any row of names, and far shorter than the length that a corrupted message would make the parser wait for. */
const maxMessageBytes = 64 * 1024 * 1024;

const [end, int16Bytes, int32Bytes] = [0, 2, 4];

/**
 * Validates the framing of a stream of messages (https://www.postgresql.org/docs/current/protocol-message-formats.html). pg-protocol does not
 * validate the framing. It reads values beyond their message, and an ErrorResponse without a terminator makes it loop forever.
 */
export class PostgresMessages {
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = headerBytes;

  /**
   * Accepts received bytes.
   *
   * @returns the complete messages; may be empty.
   * @throws {WireError} if a message is malformed, or of a type that is never requested.
   */
  take(chunk: Buffer): Buffer {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return chunk.subarray(0, 0);
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let place = 0;
    this.#needed = headerBytes;
    while (bytes.length - place >= headerBytes) {
      const type = String.fromCharCode(bytes[place] ?? 0);
      const length = bytes.readUInt32BE(place + 1);
      const isValid = checks[type];
      if (isValid === undefined) throw new WireError('unknown message type');
      if (length < int32Bytes || length > maxMessageBytes) throw new WireError('impossible message length');
      if (bytes.length - place < 1 + length) {
        this.#needed = 1 + length;
        break;
      }
      if (!isValid(bytes.subarray(place + headerBytes, place + 1 + length))) {
        throw new WireError(`message of type ${type} does not match its length`);
      }
      place += 1 + length;
    }
    this.#parts = place === bytes.length ? [] : [bytes.subarray(place)];
    this.#bytes = bytes.length - place;
    return bytes.subarray(0, place);
  }
}

type Check = (body: Buffer) => boolean;

const isEmpty: Check = (body) => body.length === 0;

/** Keyed by message type. COPY and similar messages are missing because they are never requested. */
const checks: Readonly<Record<string, Check>> = {
  '1': isEmpty,
  '2': isEmpty,
  '3': isEmpty,
  I: isEmpty,
  n: isEmpty,
  s: isEmpty,
  A: (body) => body.length > int32Bytes && hasTexts(body, int32Bytes, 2),
  C: (body) => hasTexts(body, 0, 1),
  D: isDataRow,
  E: isErrorOrNotice,
  K: (body) => body.length >= 2 * int32Bytes,
  N: isErrorOrNotice,
  R: isAuthentication,
  S: (body) => hasTexts(body, 0, 2),
  T: isRowDescription,
  Z: (body) => body.length === 1 && 'ITE'.includes(String.fromCharCode(body[0] ?? 0)),
  t: (body) => body.length >= int16Bytes && body.length === int16Bytes + int32Bytes * body.readUInt16BE(0),
};

/** Returns whether the body consists, from `start`, of exactly this number of texts, each terminated by a zero byte. */
function hasTexts(body: Buffer, start: number, count: number): boolean {
  let place = start;
  for (let text = 0; text < count; text++) {
    const found = body.indexOf(end, place);
    if (found === -1) return false;
    place = found + 1;
  }
  return place === body.length;
}

function isDataRow(body: Buffer): boolean {
  if (body.length < int16Bytes) return false;
  let place = int16Bytes;
  for (let column = body.readUInt16BE(0); column > 0; column--) {
    if (body.length - place < int32Bytes) return false;
    const length = body.readInt32BE(place);
    // -1 means NULL, which has no bytes.
    if (length < -1) return false;
    place += int32Bytes + Math.max(length, 0);
  }
  return place === body.length;
}

function isErrorOrNotice(body: Buffer): boolean {
  let place = 0;
  while (place < body.length && body[place] !== end) {
    const found = body.indexOf(end, place + 1);
    if (found === -1) return false;
    place = found + 1;
  }
  return place === body.length - 1;
}

function isRowDescription(body: Buffer): boolean {
  const numbersBytes = 18;
  if (body.length < int16Bytes) return false;
  let place = int16Bytes;
  for (let column = body.readUInt16BE(0); column > 0; column--) {
    const found = body.indexOf(end, place);
    if (found === -1) return false;
    place = found + 1 + numbersBytes;
  }
  return place === body.length;
}

function isAuthentication(body: Buffer): boolean {
  if (body.length < int32Bytes) return false;
  switch (body.readInt32BE(0)) {
    case 0:
    case 3:
      return body.length === int32Bytes;
    case 5:
      return body.length === 2 * int32Bytes;
    case 10:
      // A list of texts, terminated by an empty text.
      return body.length > int32Bytes + 1 && body.at(-1) === end && body.at(-2) === end;
    default:
      return true;
  }
}
