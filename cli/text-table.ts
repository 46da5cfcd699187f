// Output of tables and JSON on a terminal.
import { escapeOrdersInJson, makeVisibleName } from '../schemas/printable-text.ts';
import { colorsFor } from './terminal-colors.ts';

/** A column is as wide as its widest cell, up to this number of characters. */
const maxWidth = 50;

/** Returns lines with a header, or only `nothing` if there are no rows. Special and invisible characters of cells are escaped. */
export function renderTable(
  head: readonly string[],
  rows: ReadonlyArray<readonly (string | number)[]>,
  nothing: string,
): string {
  if (rows.length === 0) return `${nothing}\n`;
  const texts = rows.map((row) => row.map((cell) => makeVisibleName(String(cell))));
  const widths = head.map((title, column) =>
    Math.min(maxWidth, Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const { bold } = colorsFor(process.stdout);
  return `${[bold(line(head)), ...texts.map(line)].join('\n')}\n`;
}

export function printText(text: string): void {
  process.stdout.write(text);
}

/** Prints a result as JSON with `--json`, otherwise as text. */
export function printResult({ json }: { readonly json?: boolean }, result: unknown, toText: () => string): void {
  if (json) printJson(result);
  else printText(toText());
}

/** Prints JSON indented by two spaces, with control characters escaped. */
export function printJson(value: unknown): void {
  process.stdout.write(`${escapeOrdersInJson(JSON.stringify(value, null, 2))}\n`);
}
