// Compares a scenario's expectations with the state of the simulator, and describes each difference.
import type {
  ScenarioAttributes,
  ScenarioExpect,
  ScenarioExpectedUser,
} from '../../schemas/generated/loaded-scenario.ts';
import { makeVisibleName } from '../../schemas/printable-text.ts';
import type { Simulator } from '../open-simulator.ts';
import { describeGroup, isSameSet } from '../sync/access.ts';
import type { RunSummary } from '../sync/run.ts';

const counts = [
  'asked',
  'answered',
  'created',
  'migrated',
  'changed',
  'disabled',
  'enabled',
  'gone',
  'losing',
] as const;

/** Returns one text per difference. @param summary summary of the last run; null: there was no run, so its counts cannot be compared. */
export function findDifferences(
  { identities, runs }: Simulator,
  iam: string,
  summary: RunSummary | null,
  expected: ScenarioExpect,
): string[] {
  const differences: string[] = [];
  const differ = (what: string, is: string | number, shall: string | number) =>
    differences.push(`${what}: expected ${shall}, found ${is}`);

  const ofRun = [...counts, 'emptied' as const].filter((name) => expected[name] !== undefined);
  if (summary === null && ofRun.length > 0) {
    differences.push(`${ofRun.join(', ')}: no sync has run yet, so there is nothing to compare with`);
  }
  for (const name of counts) {
    const shall = expected[name];
    const is = summary?.[name] ?? 0;
    if (summary !== null && shall !== undefined && is !== shall) differ(name, is, shall);
  }
  const emptied = summary?.emptied ?? [];
  if (summary !== null && expected.emptied && !isSameSet(new Set(emptied), new Set(expected.emptied))) {
    differ('emptied', wordNames(emptied), wordNames(expected.emptied));
  }
  if (expected.runs !== undefined) {
    const is = runs.list(expected.runs + 1).length;
    if (is !== expected.runs) differ('runs', is > expected.runs ? `more than ${expected.runs}` : is, expected.runs);
  }
  for (const [userid, shall] of Object.entries(expected.users ?? {})) {
    const user = identities.users.find({ iam, userid });
    if (user === null) {
      if (shall !== null) differ(userid, 'absent', 'present');
    } else if (shall === null) {
      differ(userid, 'present', 'absent');
    } else {
      const view = identities.users.view(user);
      // A plain name denotes a group of the user's own IAM if it exists there. Otherwise, a group of another IAM could mask the loss of this group.
      const groups = view.groups.map(({ name, iam: owner }) =>
        describeGroup(
          owner === iam || identities.groups.find({ iam, name }) === null ? { name } : { name, iam: owner },
        ),
      );
      differences.push(...compareUser(view, groups, shall).map((text) => `${userid}: ${text}`));
    }
  }
  for (const [name, members] of Object.entries(expected.groups ?? {})) {
    const group = identities.groups.find({ iam, name });
    if (group === null || members === null) {
      if (group === null && members !== null) differ(`the group ${name}`, 'absent', 'present');
      if (group !== null && members === null) differ(`the group ${name}`, 'present', 'absent');
      continue;
    }
    const enabled = identities.groups.members(group).filter((member) => !identities.users.get(member).disabled);
    const is = enabled.map(({ userid }) => userid);
    if (!isSameSet(new Set(is), new Set(members))) differ(`members of ${name}`, wordNames(is), wordNames(members));
  }
  return differences;
}

function compareUser(
  view: ReturnType<Simulator['identities']['users']['view']>,
  groups: readonly string[],
  shall: ScenarioExpectedUser,
): string[] {
  const differences: string[] = [];
  const compare = (what: string, is: readonly string[], wanted: readonly string[] | undefined) => {
    if (wanted === undefined || isSameSet(new Set(is), new Set(wanted))) return;
    differences.push(`${what}: expected ${wordNames(wanted)}, found ${wordNames(is)}`);
  };
  // Groups and attributes of a disabled user have no effect, so they alone prove nothing.
  if (view.user.disabled !== (shall.disabled ?? false)) {
    differences.push(view.user.disabled ? 'is disabled, but should be enabled' : 'is enabled, but should be disabled');
  }
  compare('groups', groups, shall.groups);
  compare(
    'attributes',
    view.values.map(({ name, value }) => `${name}=${value}`),
    shall.attributes && listValues(shall.attributes),
  );
  compare(
    'permissions',
    view.permissions.map(({ name }) => name),
    shall.permissions,
  );
  return differences;
}

function listValues(attributes: ScenarioAttributes): string[] {
  return Object.entries(attributes).flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
}

/** Returns "analysts, staff" sorted, with invisible characters escaped; "none" if there are none. */
export function wordNames(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...new Set(names)].sort().map(makeVisibleName).join(', ');
}
