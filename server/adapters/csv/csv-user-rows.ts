// One row of a file as a user's groups and values, for `lookup --explain` and for the reference implementation in the tests.
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type CsvRoles, findDisabled } from './csv-columns.ts';
import { csvRules, type FaultList } from './csv-faults.ts';

/** One group or value of a row, with the position of its field. */
export interface RowItem {
  readonly place: number;
  /** The authorization's name; `null`: a group. */
  readonly attribute: string | null;
  /** The name in the file, before `columns.rename`. */
  readonly original: string | null;
  readonly text: string;
}

export interface UserRow {
  readonly line: number;
  /** In lower case if letter case is ignored. */
  readonly userid: string;
  readonly isDisabled: boolean;
  readonly items: readonly RowItem[];
}

// Unicode category Cc, as in the server's rules for the userid.
const controlCharacter = /\p{Cc}/u;

/** Returns the user of a row; `null`: it has no valid userid, or a wrong number of fields. All errors are added to `faults`. */
export function readUserRow(
  { trim: trims, caseInsensitive: folds, layout, columns }: CsvSourceConfig,
  roles: CsvRoles,
  fields: readonly string[],
  line: number,
  faults: FaultList,
): UserRow | null {
  if (fields.length !== roles.fieldCount) {
    faults.add(line, csvRules.fieldCount(fields.length, roles.fieldCount));
    return null;
  }
  const tidy = (text: string) => (trims ? text.trim() : text);
  const fieldAt = (place: number) => (place < 0 ? '' : tidy(fields[place] ?? ''));
  const userid = fieldAt(roles.userid);
  if (userid === '' || controlCharacter.test(userid)) {
    faults.add(line, userid === '' ? csvRules.useridEmpty : csvRules.useridControl);
    return null;
  }
  const isDisabled = findDisabled(fieldAt(roles.disabled));
  if (isDisabled === null) faults.add(line, csvRules.disabledWord);
  const items: RowItem[] = [];
  const add = (place: number, attribute: string | null, separator: string | null, original = attribute) => {
    const field = fieldAt(place);
    for (const piece of separator === null ? [field] : field.split(separator)) {
      const text = tidy(piece);
      if (text !== '') items.push({ place, attribute, original, text });
    }
  };
  if (layout === 'wide') {
    for (const { place, separator } of roles.groups) add(place, null, separator);
    for (const { place, name, separator } of roles.values) add(place, name, separator);
  } else {
    const attribute = fieldAt(roles.attribute);
    add(roles.group, null, null);
    const renamed = new Map(Object.entries(columns.rename)).get(attribute) ?? attribute;
    if (attribute !== '') add(roles.value, renamed, null, attribute);
    else if (fieldAt(roles.value) !== '') faults.add(line, csvRules.valueWithoutAttribute);
  }
  return { line, userid: folds ? userid.toLowerCase() : userid, isDisabled: isDisabled === true, items };
}
