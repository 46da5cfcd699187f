// Lookup in packed users: from a userid to the bytes of its response.
import { EncodedUserInfo } from '../../../schemas/encoded-user-info.ts';
import { hashBytes } from './keyed-hash.ts';
import { matchUserid, type PackedData, type Position, readVarint } from './packed-format.ts';
import type { CsvUsers } from './read-csv-file.ts';
import { slackBytes, viewOf } from './text-dictionary.ts';

const opening = pieceOf('{"groups":[');
const middle = pieceOf('],"authorizations":{');
const closingList = pieceOf(']');
const closing = pieceOf('}}');
/** Longer pieces are copied by native code, at the cost of a call. */
const nativeCopyBytes = 256;
/** UTF-8 needs at most 3 bytes per UTF-16 code unit. */
const maxBytesPerCodeUnit = 3;
// A lone surrogate has no UTF-8 encoding: an encoder would replace it with U+FFFD, which results in a different userid.
const loneSurrogate = /\p{Surrogate}/u;

/** Creates the lookup. `folds`: userids are looked up in lower case, as in the data. */
export function createPackedUsers(data: PackedData, folds: boolean): CsvUsers {
  const { arena, slots, groups, values, attributes, key } = data;
  const [key0, key1] = key;
  const mask = slots.length - 1;
  const valueTags = values.tags;
  let query = Buffer.allocUnsafeSlow(4096);
  let answer = Buffer.allocUnsafeSlow(1 << 16);
  let answerView = viewOf(answer);
  const groupTexts = viewOf(groups.bytes);
  const valueTexts = viewOf(values.bytes);
  const attributeTexts = viewOf(attributes.bytes);
  // State of the record being read; lookups are synchronous, so they cannot interfere with each other.
  const position: Position = { at: 0 };
  let length = 0;

  function encodeQuery(userid: string): number {
    const units = userid.length;
    if (units * maxBytesPerCodeUnit > query.length) query = Buffer.allocUnsafeSlow(units * maxBytesPerCodeUnit);
    for (let index = 0; index < units; index++) {
      const code = userid.charCodeAt(index);
      if (code > 0x7f) return loneSurrogate.test(userid) ? -1 : query.write(userid, 'utf8');
      query[index] = code;
    }
    return units;
  }

  /** Moves `position` to the end of the userid in the user's record, and returns the disabled bit; -1: no such user. */
  function findRecord(queryLength: number): number {
    for (let slot = hashBytes(query, 0, queryLength, key0, key1) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] as number;
      if (entry === 0) return -1;
      position.at = entry - 1;
      const isDisabled = matchUserid(arena, position, query, 0, queryLength);
      if (isDisabled >= 0) return isDisabled;
    }
  }

  /** Copies word by word, up to one word too many: the next piece overwrites it. */
  function copy(source: DataView, start: number, end: number): void {
    const size = end - start;
    if (length + size + slackBytes > answer.length) {
      const larger = Buffer.allocUnsafeSlow((length + size + slackBytes) * 2);
      answer.copy(larger, 0, 0, length);
      answer = larger;
      answerView = viewOf(answer);
    }
    if (size > nativeCopyBytes) answer.set(bytesOf(source, start, end), length);
    else {
      const target = answerView;
      for (let from = start, to = length; from < end; from += 4, to += 4) target.setInt32(to, source.getInt32(from));
    }
    length += size;
  }

  function encodeAnswer(): void {
    length = 0;
    copy(opening, 0, opening.byteLength - slackBytes);
    let skip = 1;
    for (let rest = readVarint(arena, position); rest > 0; rest--) {
      const id = readVarint(arena, position);
      // Each text begins with a comma, which is omitted for the first text of a list.
      copy(groupTexts, (groups.offsets[id] as number) + skip, groups.offsets[id + 1] as number);
      skip = 0;
    }
    copy(middle, 0, middle.byteLength - slackBytes);
    const count = readVarint(arena, position);
    let attribute = -1;
    for (let rest = count; rest > 0; rest--) {
      const id = readVarint(arena, position);
      const tag = valueTags.length === 0 ? 0 : (valueTags[id] as number);
      skip = tag === attribute ? 0 : 1;
      if (skip === 1) {
        const start = attributes.offsets[tag] as number;
        // Each name begins with the end of the previous attribute, which is omitted for the first name.
        copy(attributeTexts, attribute === -1 ? start + 2 : start, attributes.offsets[tag + 1] as number);
        attribute = tag;
      }
      copy(valueTexts, (values.offsets[id] as number) + skip, values.offsets[id + 1] as number);
    }
    if (count > 0) copy(closingList, 0, closingList.byteLength - slackBytes);
    copy(closing, 0, closing.byteLength - slackBytes);
  }

  return {
    size: data.users,
    find(userid) {
      const queryLength = encodeQuery(folds ? userid.toLowerCase() : userid);
      if (queryLength < 0 || findRecord(queryLength) !== 0) return null;
      encodeAnswer();
      return new EncodedUserInfo(answer.toString('latin1', 0, length));
    },
    isDisabled(userid) {
      const queryLength = encodeQuery(folds ? userid.toLowerCase() : userid);
      return queryLength >= 0 && findRecord(queryLength) === 1;
    },
  };
}

function bytesOf({ buffer, byteOffset }: DataView, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, end - start);
}

function pieceOf(text: string): DataView {
  return viewOf(Buffer.concat([Buffer.from(text), Buffer.alloc(slackBytes)]));
}
