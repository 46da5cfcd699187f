// Generator of the benchmark's CSV file: each user is derived from its number, so that every lookup can be verified.
import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** As in docs/performance.md: userid, 2–21 groups in one column, six attributes, 6% quoted fields, 196 MB for 1,000,000 users. */
const header = 'userid,groups,department,region,title,office,cost_center,clearance';
export const attributeNames = header.split(',').slice(2);
export const groupSeparator = '|';

const groupCount = 2000;
const departments = ['finance', 'marketing', 'research', 'legal', 'sales', 'engineering', 'support', 'operations'];
const regions = ['emea', 'apac', 'amer', 'latam', 'nordics', 'dach'];
const titles = [
  'Analyst',
  'Senior Analyst',
  'Engineer',
  'Director, Data',
  'Vice President, "Special" Projects',
  'Counsel',
];
const clearances = ['public', 'internal', 'confidential', 'restricted'];
const givenNames = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'katherine', 'linus'];
const familyNames = ['lovelace', 'hopper', 'turing', 'dijkstra', 'liskov', 'knuth', 'johnson', 'thorvald'];

/** Derives a number from two others, identically on every machine (the finalizer of MurmurHash3). */
function mix(index: number, salt: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function pick(list: readonly string[], index: number, salt: number): string {
  return list[mix(index, salt) % list.length] as string;
}

export function useridOf(index: number): string {
  return `${pick(givenNames, index, 1)}.${pick(familyNames, index, 2)}${index}@example.com`;
}

/** Returns the response for the user with this number. */
export function userOf(index: number): UserInfo {
  const names = new Set<string>();
  const wanted = 2 + (mix(index, 3) % 20);
  for (let salt = 100; names.size < wanted; salt++) names.add(`grp-${mix(index, salt) % groupCount}`);
  // Some titles contain commas and quotes, and one cost center in ten contains a comma: 6% of all fields are quoted.
  const title = mix(index, 4) % 100 < 38 ? titles[3 + (mix(index, 5) % 2)] : titles[mix(index, 6) % 3];
  const costCenter = 10_000 + (mix(index, 7) % 50_000);
  return {
    groups: [...names].map((name) => ({ name })),
    authorizations: {
      department: [pick(departments, index, 8)],
      region: [pick(regions, index, 9)],
      title: [title as string],
      office: [`building ${mix(index, 10) % 400}`],
      cost_center: [mix(index, 11) % 10 === 0 ? `CC ${costCenter}, shared` : `CC ${costCenter}`],
      clearance: [pick(clearances, index, 12)],
    },
  };
}

function rowOf(index: number): string {
  const { groups, authorizations } = userOf(index);
  const fields = [useridOf(index), groups.map(({ name }) => name).join(groupSeparator)];
  for (const name of attributeNames) fields.push(authorizations[name]?.[0] ?? '');
  return fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

/** Returns the path of the file with this number of users, and creates the file if it does not exist. */
export function prepareUsersFile(users: number): string {
  const path = join(tmpdir(), `user-info-bench-${users}-v2.csv`);
  if (existsSync(path)) return path;
  const unfinished = `${path}.${process.pid}`;
  const descriptor = openSync(unfinished, 'w');
  let pending = `${header}\n`;
  for (let index = 0; index < users; index++) {
    pending += `${rowOf(index)}\n`;
    if (pending.length > 1 << 20 || index === users - 1) {
      writeSync(descriptor, pending);
      pending = '';
    }
  }
  closeSync(descriptor);
  renameSync(unfinished, path);
  return path;
}

export function megabytesOf(path: string): number {
  return statSync(path).size / 1e6;
}
