// Tests that ARCHITECTURE.md is correct: its import table matches the rules, and the files and directories it names exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const projectRoot = join(import.meta.dirname, '../..');
const page = readFileSync(join(projectRoot, 'ARCHITECTURE.md'), 'utf8');

interface ImportRule {
  readonly name: string;
  readonly from: { readonly path?: string };
  readonly to: { readonly path?: string };
}

async function readRules(): Promise<readonly ImportRule[]> {
  // The path is in a variable, because the rules are JavaScript without types.
  const file = join(projectRoot, '.dependency-cruiser.mjs');
  return ((await import(file)) as { default: { forbidden: readonly ImportRule[] } }).default.forbidden;
}

/** Returns the rows of the import table: directory → directories that it may import; `null`: everything. */
function readTable(): Map<string, readonly string[] | null> {
  const section = page.split(/^## /m).find((text) => text.startsWith('Who may import whom')) ?? '';
  const rows = [...section.matchAll(/^\| `(?<directory>\w+)\/` +\| (?<allowed>.+?) +\|$/gm)];
  return new Map(
    rows.map(({ groups }) => {
      const allowed = groups?.allowed ?? '';
      const directories = [...allowed.matchAll(/`(\w+)\/`/g)].map(([, directory]) => directory ?? '');
      return [groups?.directory ?? '', allowed === 'everything' ? null : directories];
    }),
  );
}

describe('ARCHITECTURE.md', () => {
  it('has the import table that .dependency-cruiser.mjs enforces', async () => {
    const table = readTable();
    const rules = (await readRules()).filter(({ name }) => name.endsWith('-imports'));
    const restricted = [...table].filter(([, allowed]) => allowed !== null);
    expect(restricted.map(([directory]) => `${directory}-imports`)).to.have.members(rules.map(({ name }) => name));
    for (const [directory, allowed] of restricted) {
      const rule = rules.find(({ name }) => name === `${directory}-imports`);
      const forbidden = [...table.keys()].filter((other) => new RegExp(rule?.to.path ?? '').test(`${other}/x.ts`));
      const expected = [...table.keys()].filter((other) => other !== directory && !forbidden.includes(other));
      expect(allowed, directory).to.have.members(expected);
    }
  });

  it('names only source files that exist', () => {
    const named = [...page.matchAll(/`((?:schemas|certs|server|conformance|cli|docs|tests)\/[\w./-]+\.\w+)`/g)];
    expect(named.map(([, file]) => file ?? '').filter((file) => !existsSync(join(projectRoot, file)))).to.deep.equal(
      [],
    );
  });

  it('shows exactly the directories of the tree', () => {
    const tree = /```text\n(.+?)```/s.exec(page)?.[1] ?? '';
    const drawn: string[] = [];
    let parent = '';
    for (const [, indent, directory] of tree.matchAll(/^( *)([a-z-]+\/)/gm)) {
      if (indent === '') parent = directory ?? '';
      drawn.push(indent === '' ? parent : `${parent}${directory}`);
    }
    const made = ['node_modules', 'dist', 'dist-bench', 'coverage', 'scratch'];
    const directories = readdirSync(projectRoot, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !made.includes(entry.name),
    );
    expect(drawn).to.include.members(directories.map(({ name }) => `${name}/`));
    const parts = ['schemas', 'certs', 'server', 'conformance', 'simulator', 'cli', 'tests'];
    const rooms = parts.flatMap((part) =>
      readdirSync(join(projectRoot, part), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
        .map(({ name }) => `${part}/${name}/`),
    );
    expect(drawn).to.include.members(rooms);
    expect(drawn.filter((directory) => !existsSync(join(projectRoot, directory)))).to.deep.equal([]);
  });
});
