// Tests of the example against the rules for every data source: npx mocha people-source.test.mjs
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceError } from 'user-info-kit/server';
import { describeUserSource } from 'user-info-kit/server/adapters/suite';
import createUserSource from './people-source.mjs';

const log = { info() {}, warn() {}, error() {} };

describeUserSource('people', {
  // Writes exactly these users to a file, and opens the source on it.
  async open(users) {
    const directory = await mkdtemp(join(tmpdir(), 'people-'));
    const file = join(directory, 'people.json');
    const people = users.map(({ userid, groups, authorizations, disabled }) => ({
      login: userid,
      active: !disabled,
      teams: groups,
      traits: authorizations,
    }));
    await writeFile(file, JSON.stringify(people));
    return {
      source: createUserSource({ file }, { log, secrets: {}, SourceError }),
      close: () => rm(directory, { recursive: true }),
    };
  },
});
