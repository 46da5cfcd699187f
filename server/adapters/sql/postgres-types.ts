// PostgreSQL types whose values have one exact text, and the conversion from the text on the wire.

import { WireError } from './foreign-server.ts';
import type { SqlColumn } from './sql-driver.ts';

/** Returns the text of a value from its form on the wire. */
export type ReadValue = (wire: string) => string;

export interface PostgresColumn extends SqlColumn {
  readonly read: ReadValue;
}

/** A row of pg_type. */
export interface PostgresType {
  readonly name: string;
  /** https://www.postgresql.org/docs/15/catalog-pg-type.html, "typcategory Codes". */
  readonly category: string;
}

const asItIs: ReadValue = (wire) => wire;

/** Keyed by the number in pg_type, which is the same everywhere. */
const builtIn: ReadonlyMap<number, ReadValue> = new Map([
  [16, readBoolean],
  [18, asItIs], // "char"
  [19, asItIs], // name
  [20, asItIs], // bigint
  [21, asItIs], // smallint
  [23, asItIs], // integer
  [25, asItIs], // text
  // SQL does not count the blanks that char(n) is padded with, and PostgreSQL removes them when it casts to text.
  [1042, (wire) => wire.replace(/ +$/, '')],
  [1043, asItIs], // varchar
  [1700, asItIs], // numeric
  [2950, asItIs], // uuid
]);

/** Reads "t" or "f". @throws {WireError} for other values: if the column's description were wrong, every text would be read as `false`. */
function readBoolean(wire: string): string {
  if (wire === 't') return 'true';
  if (wire === 'f') return 'false';
  throw new WireError('a boolean that is neither t nor f');
}

/** Returns whether `describeColumn` can do without the type's row of pg_type. */
export function isBuiltIn(type: number): boolean {
  return builtIn.has(type);
}

/** Determines how a column is read. @param type the row of pg_type, for a type that is not built in. */
export function describeColumn(name: string, typeNumber: number, type: PostgresType | undefined): PostgresColumn {
  const read = builtIn.get(typeNumber);
  if (read) return { name, refusal: null, read };
  // Enumerations, and text types of extensions such as citext.
  if (type && (type.category === 'E' || (type.category === 'S' && type.name !== 'unknown'))) {
    return { name, refusal: null, read: asItIs };
  }
  return { name, refusal: `is of the type ${type?.name ?? typeNumber}; ${adviceFor(type)}`, read: asItIs };
}

function adviceFor(type: PostgresType | undefined): string {
  switch (type?.category) {
    case 'D':
    case 'T':
      return 'dates and times have several text forms; choose one in the query: to_char(…)';
    case 'A':
      return 'return a row for each entry: unnest(…)';
    case 'N':
      return 'return numeric, an integer or the text you want';
    default:
      return type?.name === 'bytea' ? 'the column is binary; return text: encode(…)' : 'return text';
  }
}
