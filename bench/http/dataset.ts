// Users of the HTTP benchmark: the same for every peer, each derived from its number.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

export interface Dataset {
  /** "600-byte" or "6-kB": the approximate size of each response. */
  readonly name: string;
  readonly users: number;
  readonly groupsPerUser: number;
}

export const datasets: readonly Dataset[] = [
  { name: '600-byte', users: 1_000_000, groupsPerUser: 10 },
  { name: '6-kB', users: 1_000_000, groupsPerUser: 155 },
];

const distinctGroups = 2000;
const groupNames = Array.from({ length: distinctGroups }, (_, n) => `team-${String(n).padStart(4, '0')}-data-users`);
const groupObjects = groupNames.map((name) => ({ name }));
const departments = ['finance', 'engineering', 'marketing', 'operations', 'legal', 'research'];
const regions = ['emea', 'apac', 'amer'];

export function useridOf(user: number): string {
  return `user${String(user).padStart(7, '0')}@example.com`;
}

function groupNumbersOf(user: number, { groupsPerUser }: Dataset): number[] {
  return Array.from({ length: groupsPerUser }, (_, n) => (user * 31 + n * 13) % distinctGroups);
}

function attributesOf(user: number): Record<string, string[]> {
  return {
    department: [departments[user % departments.length] ?? ''],
    region: [regions[user % 3] ?? '', regions[(user + 1) % 3] ?? ''],
    clearance: [String(user % 5)],
    costCenter: [`cc-${user % 900}`],
    employeeId: [`e${user}`],
    project: [`project-${user % 300}`, `project-${(user + 7) % 300}`],
  };
}

/** Returns the user info. Groups are shared objects, as in a carefully written program. */
export function userInfoOf(user: number, dataset: Dataset) {
  return {
    groups: groupNumbersOf(user, dataset).map((n) => groupObjects[n] as { name: string }),
    authorizations: attributesOf(user),
  };
}

/** Columns of the file that `writeCsv` writes, in the format of the configuration. */
export const csvColumns = {
  userid: 'email',
  groups: [{ column: 'groups', separator: '|' }],
  authorizations: Object.keys(attributesOf(0)).map((column) => ({ column, separator: '|' })),
};

/** Writes the users as the CSV file that our server reads. */
export async function writeCsv(path: string, dataset: Dataset): Promise<void> {
  const stream = createWriteStream(path);
  stream.write(`email,groups,${Object.keys(attributesOf(0)).join(',')}\n`);
  let rows: string[] = [];
  for (let user = 0; user < dataset.users; user++) {
    const groups = groupNumbersOf(user, dataset).map((n) => groupNames[n]);
    const attributes = Object.values(attributesOf(user)).map((values) => values.join('|'));
    rows.push(`${useridOf(user)},${groups.join('|')},${attributes.join(',')}\n`);
    if (rows.length === 10_000 || user === dataset.users - 1) {
      if (!stream.write(rows.join(''))) await once(stream, 'drain');
      rows = [];
    }
  }
  stream.end();
  await once(stream, 'close');
}
