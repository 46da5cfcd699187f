// The CSV report of a run: a row for each change of a user, and for each user for whom the endpoint did not answer.
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { describeGroup, splitGroupKey, splitValueKey, toAccess, without } from '../../simulator/sync/access.ts';
import { eachRunUser, type RunStore } from '../../simulator/sync/run-store.ts';
import { readState, type UserState } from '../../simulator/sync/user-state.ts';

const head = ['userid', 'outcome', 'status', 'change', 'kind', 'name', 'value', 'detail'] as const;

/**
 * RFC 4180, with a head. `change` is gained or lost; `kind` is user, group, attribute or disabled. Empty: nothing changed. `detail` is the
 * reason when the endpoint did not answer.
 * Names and values that a spreadsheet would take for a formula have an apostrophe in front, and so have those that begin with
 * one: whoever takes one leading apostrophe away has each as it was (CWE-1236). Nothing protects from a reader that splits at
 * something else than the comma. Control characters, bidirectional overrides and line breaks are written as `\\u{1b}` and `\\n`.
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

/** What the second has and the first has not. */
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

/** What a formula begins with, in a spreadsheet of Europe or of East Asia, and the sign that makes a text of it. */
const formulaStart = /^['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function toText(cell: string): string {
  const visible = makeVisibleLine(cell);
  return formulaStart.test(cell) ? `'${visible}` : visible;
}

function writeRow(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
