// Cross-field rules of the CSV source.
import type { CsvSourceConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { faultAt } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

export const csvRules: readonly CrossFieldRule[] = [
  forCsv(['delimiter', 'quote'], ({ delimiter, quote }) =>
    delimiter === quote ? [faultAt('source.quote', 'must differ from source.delimiter')] : [],
  ),
  forCsv(['encoding'], ({ encoding }) =>
    isEncoding(encoding)
      ? []
      : [faultAt('source.encoding', 'is not known; take a WHATWG name, for example utf-8, windows-1252 or utf-16le')],
  ),
  forCsv(['layout', 'columns'], ({ layout, columns }) =>
    layout === 'wide' ? findWideFaults(columns) : findLongFaults(columns),
  ),
];

type Columns = CsvSourceConfig['columns'];

function findWideFaults(columns: Columns): OptionFault[] {
  const strangers = (['group', 'attribute', 'value'] as const).filter((name) => columns[name] !== undefined);
  const faults = strangers.map((name) =>
    faultAt(`source.columns.${name}`, 'belongs to layout long; take it out, or set source.layout to long'),
  );
  if (Object.keys(columns.rename).length > 0) {
    faults.push(faultAt('source.columns.rename', 'belongs to layout long; here each authorization has a name'));
  }
  if (faults.length === 0 && columns.groups.length === 0 && columns.authorizations.length === 0) {
    faults.push(faultAt('source.columns', 'names no groups and no authorizations, so that no user would have any'));
  }
  return faults;
}

function findLongFaults(columns: Columns): OptionFault[] {
  const strangers = (['groups', 'authorizations'] as const).filter((name) => columns[name].length > 0);
  const faults = strangers.map((name) =>
    faultAt(`source.columns.${name}`, 'belongs to layout wide; take it out, or set source.layout to wide'),
  );
  if (columns.attribute !== undefined && columns.value === undefined) {
    faults.push(faultAt('source.columns.attribute', 'needs source.columns.value, the column of the values'));
  }
  if (columns.value !== undefined && columns.attribute === undefined) {
    faults.push(faultAt('source.columns.value', 'needs source.columns.attribute, the column of the names'));
  }
  if (columns.group === undefined && columns.attribute === undefined && columns.value === undefined) {
    faults.push(faultAt('source.columns', 'layout long needs group, or attribute and value'));
  }
  return faults;
}

function isEncoding(name: string): boolean {
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

/** A rule for the options `names` of a CSV source. */
function forCsv(names: readonly string[], find: (source: CsvSourceConfig) => readonly OptionFault[]): CrossFieldRule {
  return {
    reads: ['source.type', ...names.map((name) => `source.${name}`)],
    findFaults: ({ source }: LoadedServerConfig) => (source.type === 'csv' ? find(source) : []),
  };
}
