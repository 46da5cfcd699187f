// Types of MySQL and MariaDB whose values have one exact text, and the conversion of driver values to this text.
import type { FieldPacket } from 'mysql2';
import type { SqlColumn } from './sql-driver.ts';

export interface MysqlColumn extends SqlColumn {
  readonly read: (value: unknown) => string;
}

/** Numbers from https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const integers: readonly number[] = [1, 2, 3, 8, 9, 13];
const decimals: readonly number[] = [0, 246];
const texts: readonly number[] = [15, 247, 249, 250, 251, 252, 253, 254];
const setFlag = 2048;
/** Number of the character set "binary", whose values are bytes. */
const binary = 63;

const names: ReadonlyMap<number, readonly [name: string, advice: string]> = new Map([
  [4, ['float', 'return a decimal or the text you want: CAST(… AS DECIMAL(…))']],
  [5, ['double', 'return a decimal or the text you want: CAST(… AS DECIMAL(…))']],
  ...[7, 10, 11, 12, 14, 17, 18, 19].map((type): [number, [string, string]] => [
    type,
    ['date or time', 'it has several text forms; choose one in the query: DATE_FORMAT(…)'],
  ]),
  // MariaDB sends the bits of a column as bytes, and those of an expression as digits.
  [16, ['bit', 'return a number: flag + 0']],
  [245, ['JSON', 'return each value as text in a row of its own: JSON_TABLE(…)']],
  [255, ['geometry', 'return text']],
]);

/** Determines how the values of a described column are read. */
export function describeMysqlColumn({ name, columnType = -1, characterSet, flags }: FieldPacket): MysqlColumn {
  const column = (read: MysqlColumn['read'], refusal: string | null = null) => ({ name, refusal, read });
  if (integers.includes(columnType) || decimals.includes(columnType)) return column(String);
  if (texts.includes(columnType)) {
    if (characterSet === binary) return column(String, 'is binary; return text: HEX(…), or CONVERT(… USING utf8mb4)');
    if (typeof flags === 'number' && (flags & setFlag) !== 0) {
      return column(String, 'is of the type set; return a row for each entry');
    }
    return column(String);
  }
  const [type, advice] = names.get(columnType) ?? [String(columnType), 'return text'];
  return column(String, `is of the type ${type}; ${advice}`);
}
