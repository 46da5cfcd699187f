// Owns the CSV form of the report of a run: a row for each thing that changed for a user, and for each user who was not answered for.
import { splitValueKey, toAccess, without } from '../simulator/sync/access.ts';
import { eachRunUser, type RunStore } from '../simulator/sync/run-store.ts';
import { readState, type UserState } from '../simulator/sync/user-state.ts';

const head = ['userid', 'outcome', 'status', 'change', 'kind', 'name', 'value'] as const;

/** RFC 4180, with a head. `change` is gained or lost; `kind` is user, group, attribute or disabled. Empty: nothing changed. */
export function renderRunCsv(runs: RunStore, id: number): string {
  const lines = [head.join(',')];
  for (const { userid, outcome, status, before, after } of eachRunUser(runs, id)) {
    const first = [userid, outcome === 'user' ? 'answered' : outcome, String(status ?? '')];
    const changes = after === null ? [] : listChanges(before === null ? null : readState(before), readState(after));
    for (const change of changes) lines.push(writeRow([...first, ...change]));
    if (changes.length === 0 && outcome !== 'user') lines.push(writeRow([...first, '', '', '', '']));
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
      .map((name) => [change, 'group', name, ''] as const),
    ...without(after.values, before.values)
      .sort()
      .map((key) => [change, 'attribute', ...splitValueKey(key)] as const),
  ];
}

function writeRow(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
