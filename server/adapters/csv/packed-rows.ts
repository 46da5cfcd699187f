// Conversion of a row for the packed engine: its fields as bytes, its rules, and the input of the builder.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { findDisabled } from './csv-columns.ts';
import { csvRules } from './csv-faults.ts';
import type { FieldReader } from './field-reader.ts';
import type { PackedBuilder } from './packed-builder.ts';
import type { OpenedCsv } from './read-csv-file.ts';

/** Returns a function that adds the scanner's last row, which is in `source`, to the builder or to the errors. */
export function createRowPacker(
  config: CsvSourceConfig,
  { roles, scanner, field, faults }: OpenedCsv,
  builder: PackedBuilder,
): (source: Buffer) => void {
  const { trim: trims, caseInsensitive: folds, layout } = config;
  const { textHashStart, textHashFactor } = builder;
  const groupColumns = roles.groups.map(({ place, separator }) => ({ place, separator: toBytes(separator) }));
  const valueColumns = roles.values.map(({ place, name, separator }) => ({
    place,
    attribute: builder.internAttribute(name),
    separator: toBytes(separator),
  }));
  const findAttribute = createAttributeFinder(new Map(Object.entries(config.columns.rename)), builder);
  let useridBytes = Buffer.allocUnsafeSlow(4096);

  /** Copies the userid, folded if configured, so that opening another field does not change it; returns its length. */
  function keepUserid(): number {
    const length = field.end - field.start;
    if (length > useridBytes.length) useridBytes = Buffer.allocUnsafeSlow(length * 2);
    for (let from = field.start, to = 0; from < field.end; from++, to++) {
      const byte = field.bytes[from] as number;
      if (folds && byte >= 0x80) {
        const folded = Buffer.from(field.text().toLowerCase());
        if (folded.length > useridBytes.length) useridBytes = Buffer.allocUnsafeSlow(folded.length * 2);
        return folded.copy(useridBytes);
      }
      useridBytes[to] = folds && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    }
    return length;
  }

  /** Adds a part of the open field that has to be trimmed or escaped, or whose hash is unknown. */
  function addPiece(attribute: number, from: number, to: number): void {
    const text = field.bytes.toString('utf8', from, to);
    const piece = trims ? text.trim() : text;
    if (piece === '') return;
    if (attribute < 0) builder.addRawGroup(piece);
    else builder.addRawValue(attribute, piece);
  }

  /** Adds the pieces between separators. UTF-8 is self-synchronizing: a separator's bytes occur only at a separator. */
  function addPieces(attribute: number, separator: Buffer): void {
    const { end } = field;
    const bytes = field.bytes.subarray(0, end);
    let start = field.start;
    for (let at = bytes.indexOf(separator, start); at >= 0; at = bytes.indexOf(separator, start)) {
      addPiece(attribute, start, at);
      start = at + separator.length;
    }
    addPiece(attribute, start, end);
  }

  /** Adds the content of the open field; `attribute` -1: groups. */
  function addItems(attribute: number, separator: Buffer | null): void {
    if (separator !== null && (field.needsEscape || trims || separator.length > 1)) addPieces(attribute, separator);
    else if (field.needsEscape || trims) addPiece(attribute, field.start, field.end);
    else addPlainItems(attribute, separator === null ? -1 : (separator[0] as number));
  }

  /** Adds pieces in one pass, in the common case: nothing to trim or escape, and a separator of one byte, or -1 for none. */
  function addPlainItems(attribute: number, separator: number): void {
    const { bytes, end } = field;
    const hashStart = textHashStart;
    const factor = textHashFactor;
    let at = field.start;
    while (at < end) {
      const start = at;
      let hash = hashStart;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (byte === separator) break;
        hash = Math.imul(hash ^ byte, factor);
      }
      if (start < at) {
        if (attribute < 0) builder.addGroup(bytes, start, at, hash);
        else builder.addValue(attribute, bytes, start, at, hash);
      }
      at++;
    }
  }

  function addLongRow(source: Buffer): void {
    if (roles.group >= 0) {
      field.open(source, roles.group);
      addItems(-1, null);
    }
    if (roles.value < 0) return;
    field.open(source, roles.value);
    const hasValue = field.start < field.end;
    field.open(source, roles.attribute);
    if (!hasValue) return;
    if (field.start === field.end) {
      faults.add(scanner.rowLine, csvRules.valueWithoutAttribute);
      return;
    }
    const attribute = findAttribute(field.text());
    field.open(source, roles.value);
    addItems(attribute, null);
  }

  return (source) => {
    const line = scanner.rowLine;
    if (scanner.fieldCount !== roles.fieldCount) {
      faults.add(line, csvRules.fieldCount(scanner.fieldCount, roles.fieldCount));
      return;
    }
    field.open(source, roles.userid);
    const useridFault = findUseridFault(field);
    if (useridFault !== null) {
      faults.add(line, useridFault);
      return;
    }
    const useridLength = keepUserid();
    let isDisabled = false;
    if (roles.disabled >= 0) {
      field.open(source, roles.disabled);
      const found = field.start === field.end ? false : findDisabled(field.text());
      if (found === null) faults.add(line, csvRules.disabledWord);
      isDisabled = found === true;
    }
    if (layout === 'long') addLongRow(source);
    else {
      for (const { place, separator } of groupColumns) {
        field.open(source, place);
        addItems(-1, separator);
      }
      for (const { place, attribute, separator } of valueColumns) {
        field.open(source, place);
        addItems(attribute, separator);
      }
    }
    const firstLine = builder.endRow(useridBytes, 0, useridLength, isDisabled, line);
    if (firstLine > 0) faults.add(line, csvRules.useridRepeated(firstLine));
  };
}

/** Maps names of attributes in the file to the ids of their authorizations. */
function createAttributeFinder(rename: ReadonlyMap<string, string>, builder: PackedBuilder): (name: string) => number {
  const known = new Map<string, number>();
  return (name) => {
    const id = known.get(name) ?? builder.internAttribute(rename.get(name) ?? name);
    known.set(name, id);
    return id;
  };
}

/**
 * Returns the violated rule; `null`: none. The server never requests a userid with a control character (Unicode Cc), so one in a file is an error.
 */
function findUseridFault({ bytes, start, end }: FieldReader): string | null {
  if (start === end) return csvRules.useridEmpty;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (byte < 0x20 || byte === 0x7f || (byte === 0xc2 && (bytes[at + 1] as number) < 0xa0))
      return csvRules.useridControl;
  }
  return null;
}

function toBytes(separator: string | null): Buffer | null {
  return separator === null ? null : Buffer.from(separator);
}
