// Tests with a million users, of 5 groups and 3 attributes each (about 120 MB).
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EncodedUserInfo } from '../../../schemas/encoded-user-info.ts';
import type { UserSource } from '../user-source.ts';
import { createCsvSource } from './csv-source.ts';
import { csvConfig } from './testing/csv-config.ts';

const userCount = 1_000_000;
const header = 'userid,groups,department,location,employee';

const useridOf = (index: number) => `first.last${index}@department.example.com`;
const groupsOf = (index: number) => [1, 7, 49, 343, 2401].map((factor) => `group-${(index * factor) % 5003}`);
const departmentOf = (index: number) => `department ${index % 40}`;
// One location in ten contains a comma and is therefore quoted.
const locationOf = (index: number) => (index % 10 === 0 ? `Zürich, "floor ${index % 9}"` : `building ${index % 300}`);
const employeeOf = (index: number) => `E${index}`;

function rowOf(index: number): string {
  const location = locationOf(index);
  const written = index % 10 === 0 ? `"${location.replaceAll('"', '""')}"` : location;
  return `${useridOf(index)},${groupsOf(index).join('|')},${departmentOf(index)},${written},${employeeOf(index)}\n`;
}

function answerOf(index: number): string {
  return JSON.stringify({
    groups: [...new Set(groupsOf(index))].map((name) => ({ name })),
    authorizations: {
      department: [departmentOf(index)],
      location: [locationOf(index)],
      employee: [employeeOf(index)],
    },
  });
}

function writeUsers(path: string): void {
  const descriptor = openSync(path, 'w');
  let pending = `${header}\n`;
  for (let index = 0; index < userCount; index++) {
    pending += rowOf(index);
    if (pending.length > 1 << 20 || index === userCount - 1) {
      writeSync(descriptor, pending);
      pending = '';
    }
  }
  closeSync(descriptor);
}

describe('the CSV source with a million users', function () {
  this.timeout(120_000);
  let directory: string;
  let source: UserSource;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-csv-'));
    const path = join(directory, 'users.csv');
    writeUsers(path);
    expect(statSync(path).size).to.be.within(110e6, 140e6);
    const columns = {
      groups: [{ column: 'groups', separator: '|' }],
      authorizations: ['department', 'location', 'employee'].map((column) => ({ column })),
    };
    source = await createCsvSource(csvConfig(path, columns), { log: { info() {}, warn() {}, error() {} } });
  });
  after(async () => {
    await source?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('loads all users', () => {
    expect(source.status?.().users).to.equal(userCount);
  });

  it('returns the exact bytes for a thousand random users', async () => {
    for (let round = 0; round < 1000; round++) {
      const index = Math.floor(Math.random() * userCount);
      const found = await source.findUser(useridOf(index), new AbortController().signal);
      expect(found, `user ${index}`).to.be.instanceOf(EncodedUserInfo);
      expect((found as EncodedUserInfo).json.toString()).to.equal(answerOf(index));
    }
  });

  it('returns null for an unknown user', async () => {
    expect(await source.findUser(useridOf(userCount), new AbortController().signal)).to.equal(null);
  });
});
