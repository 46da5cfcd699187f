// Tests that the decision on dependencies names exactly the dependencies in package.json, with their versions and a reason for each.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('../package.json')) as Record<string, Record<string, string>>;
const page = read('decisions/0002-dependencies.md');

/** Returns the rows of a section's table: package → version and reason. */
function rowsUnder(heading: string): Map<string, { version: string; reason: string }> {
  const section = page.split(/^###? /m).find((text) => text.startsWith(heading)) ?? '';
  const rows = [...section.matchAll(/^\| (?<name>\S+) +\| (?<version>[~^]\S+) +\| (?<reason>.+?) +\|$/gm)];
  return new Map(
    rows.map(({ groups }) => [groups?.name ?? '', { version: groups?.version ?? '', reason: groups?.reason ?? '' }]),
  );
}

const sections = {
  'At run time': manifest.dependencies,
  'Optional peers': manifest.peerDependencies,
  // The optional peer dependencies are also installed for the tests.
  'For development': Object.fromEntries(
    Object.entries(manifest.devDependencies ?? {}).filter(([name]) => !(name in (manifest.peerDependencies ?? {}))),
  ),
} as const;

describe('the decision on dependencies', () => {
  for (const [heading, packages] of Object.entries(sections)) {
    it(`lists, under "${heading}", each package with its version, and no others`, () => {
      const versions = [...rowsUnder(heading)].map(([name, { version }]) => [name, version]);
      expect(Object.fromEntries(versions)).to.deep.equal(packages);
    });

    it(`gives a reason for each package under "${heading}"`, () => {
      for (const [name, { reason }] of rowsUnder(heading)) expect(reason, name).to.match(/^\S.*\.$/);
    });
  }
});
