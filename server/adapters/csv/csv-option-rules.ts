// Rules of the options of the CSV source.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { OptionFault, OptionRule } from '../adapter.ts';

export const csvOptionRules: readonly OptionRule<CsvSourceConfig>[] = [
  {
    reads: ['delimiter', 'quote'],
    findFaults: ({ delimiter, quote }) =>
      delimiter === quote ? [{ option: 'quote', message: 'must differ from source.delimiter' }] : [],
  },
  {
    reads: ['encoding'],
    findFaults: ({ encoding }) =>
      findEncoding(encoding) === null
        ? [
            {
              option: 'encoding',
              message: 'is unknown. Use a WHATWG name, for example utf-8, windows-1252 or utf-16le',
            },
          ]
        : [],
  },
  {
    reads: ['layout', 'columns'],
    findFaults: ({ layout, columns }) => (layout === 'wide' ? findWideFaults(columns) : findLongFaults(columns)),
  },
];

type Columns = CsvSourceConfig['columns'];

function findWideFaults(columns: Columns): OptionFault[] {
  const misplaced = (['group', 'attribute', 'value'] as const).filter((name) => columns[name] !== undefined);
  const faults = misplaced.map((name) => ({
    option: `columns.${name}`,
    message: 'applies to layout long only. Remove it, or set source.layout to long',
  }));
  if (Object.keys(columns.rename).length > 0) {
    const message = 'applies to layout long only. In layout wide, set the name of each authorization';
    faults.push({ option: 'columns.rename', message });
  }
  if (faults.length === 0 && columns.groups.length === 0 && columns.authorizations.length === 0) {
    faults.push({ option: 'columns', message: 'needs groups or authorizations; without them, no user has any access' });
  }
  return faults;
}

function findLongFaults(columns: Columns): OptionFault[] {
  const misplaced = (['groups', 'authorizations'] as const).filter((name) => columns[name].length > 0);
  const faults = misplaced.map((name) => ({
    option: `columns.${name}`,
    message: 'applies to layout wide only. Remove it, or set source.layout to wide',
  }));
  if (columns.attribute !== undefined && columns.value === undefined) {
    faults.push({ option: 'columns.attribute', message: 'needs source.columns.value, the column with the values' });
  }
  if (columns.value !== undefined && columns.attribute === undefined) {
    faults.push({
      option: 'columns.value',
      message: 'needs source.columns.attribute, the column with the attribute names',
    });
  }
  if (columns.group === undefined && columns.attribute === undefined && columns.value === undefined) {
    faults.push({ option: 'columns', message: 'needs group, or attribute and value, in layout long' });
  }
  return faults;
}

/** Returns the canonical name of an encoding; `null`: there is no encoding with this name. */
export function findEncoding(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}
