// Errors of a CSV file as text: the line and the rule, never the content of the line.

/** One error, e.g. `{ line: 17, rule: 'the userid is empty' }`. Lines are numbered from 1; a line ends with LF. */
export interface CsvFault {
  readonly line: number;
  readonly rule: string;
}

/** Collects errors up to a limit. */
export interface FaultList {
  readonly faults: readonly CsvFault[];
  add(line: number, rule: string): void;
  /** Returns whether no further error is accepted, so reading can stop. */
  isFull(): boolean;
}

export function createFaultList(maxErrors: number): FaultList {
  const faults: CsvFault[] = [];
  return {
    faults,
    add(line, rule) {
      if (faults.length < maxErrors) faults.push({ line, rule });
    },
    isFull: () => faults.length >= maxErrors,
  };
}

/** The rules; docs/reference/csv.md explains each. */
export const csvRules = {
  noRows: 'the file is empty',
  noUsers: 'the file has no users: a table without rows is rejected, since every user would be unknown',
  quoteInField: 'a quote inside a field that does not begin with one; quote the whole field and double the quote',
  textAfterQuote: 'text after the closing quote of a field; a quote inside a quoted field has to be doubled',
  quoteNotClosed: 'a quoted field begins here and is never closed',
  loneCarriageReturn: 'a carriage return without a line feed; lines end with LF or CRLF',
  notText: 'a NUL character: the file is binary, or its encoding differs from `encoding`',
  notInEncoding: (encoding: string) =>
    `bytes that are not valid ${encoding}; set \`encoding\` to the encoding of the file`,
  cutInCharacter: (encoding: string, byte: number) =>
    `the file ends inside a ${encoding} character, at byte ${byte}: it was truncated, or it has a different encoding. Write the complete file, or set \`encoding\``,
  otherSeparator: (separator: string) =>
    `the file declares \`sep=${separator}\`, which is not the configured delimiter; set \`delimiter: ${JSON.stringify(separator)}\``,
  fieldCount: (found: number, expected: number) =>
    `${found} ${plural('field', found)} where the first row has ${expected}`,
  useridEmpty: 'the userid is empty',
  useridControl: 'a control character in the userid',
  useridRepeated: (firstLine: number) =>
    `the same userid as in line ${firstLine}; \`duplicates: merge\` would merge the two rows`,
  disabledWord:
    'neither a value for disabled (true, yes, 1, y, disabled) nor one for enabled (false, no, 0, n, enabled, empty)',
  valueWithoutAttribute: 'a value without the name of its attribute',
} as const;

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Returns all errors as one readable text, one per line. `isCut`: there may be more errors. */
export function describeFaults(faults: readonly CsvFault[], isCut: boolean): string {
  const lines = faults.map(({ line, rule }) => `line ${line}: ${rule}`);
  if (isCut) lines.push(`(the report ends here, at maxErrors: ${faults.length} ${plural('error', faults.length)})`);
  return lines.join('\n');
}
