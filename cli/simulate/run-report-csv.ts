// CSV report of a run: a row for each change of a user, and for each user who could not be retrieved.
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { describeGroup, splitGroupKey, splitValueKey, toAccess, without } from '../../simulator/sync/access.ts';
import { eachRunUser, type RunStore } from '../../simulator/sync/run-store.ts';
import { readState, type UserState } from '../../simulator/sync/user-state.ts';

const head = ['userid', 'outcome', 'status', 'change', 'kind', 'name', 'value', 'detail'] as const;

/**
 * Renders RFC 4180 CSV with a header. `change`: gained, lost; `kind`: user, group, attribute, disabled. Empty: no change. `detail` is the reason if
 * the endpoint returned no user info. A name or value that a spreadsheet would evaluate as a formula, or that begins with an apostrophe, is prefixed
 * with an apostrophe. Removing one leading apostrophe restores the original (CWE-1236). This does not protect users whose spreadsheet uses a
 * separator other than the comma. Control characters, bidirectional overrides and line breaks are written as `\\u{1b}` and `\\n`.
 */
export function renderRunCsv(runs: RunStore, id: number): string {
  const lines = [head.join(',')];
  for (const { userid, outcome, status, detail, before, after } of eachRunUser(runs, id)) {
    const first = [toText(userid), outcome === 'user' ? 'answered' : outcome, String(status ?? '')];
    const reason = toText(detail ?? '');
    const changes = after === null ? [] : listChanges(before === null ? null : readState(before), readState(after));
    for (const [change, kind, name, value] of changes) {
      lines.push(writeRow([...first, change, kind, toText(name), toText(value), reason]));
    }
    if (changes.length === 0 && outcome !== 'user') lines.push(writeRow([...first, '', '', '', '', reason]));
  }
  return `${lines.join('\r\n')}\r\n`;
}

type Change = readonly [change: 'gained' | 'lost', kind: string, name: string, value: string];

const nothing: UserState = { groups: [], authorizations: {} };

function listChanges(before: UserState | null, after: UserState): Change[] {
  const was = before ?? nothing;
  return [
    ...(before === null ? [['gained', 'user', '', ''] as const] : []),
    ...listGained('lost', after, was),
    ...listGained('gained', was, after),
  ];
}

/** Returns the groups and values of the second access that the first lacks. */
function listGained(change: Change[0], first: UserState, second: UserState): Change[] {
  const [before, after] = [toAccess(first), toAccess(second)];
  return [
    ...(second.disabled && !first.disabled ? [[change, 'disabled', '', ''] as const] : []),
    ...without(after.groups, before.groups)
      .sort()
      .map((key) => [change, 'group', describeGroup(splitGroupKey(key)), ''] as const),
    ...without(after.values, before.values)
      .sort()
      .map((key) => [change, 'attribute', ...splitValueKey(key)] as const),
  ];
}

/** Characters with which a formula begins in European and East Asian spreadsheets, and the character that turns it into text. */
const formulaStart = /^['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function toText(cell: string): string {
  const visible = makeVisibleLine(cell);
  return formulaStart.test(cell) ? `'${visible}` : visible;
}

function writeRow(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
