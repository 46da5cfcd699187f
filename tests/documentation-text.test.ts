// Tests the documentation apart from its commands: links have valid targets, JSON can be parsed, and configurations can be loaded.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSchema } from '../schemas/read-schema.ts';
import { findAnchors, findFencedBlocks, findLinks, listMarkdownFiles } from './markdown.ts';
import { loadConfig } from './start-server.ts';

const projectRoot = dirname(import.meta.dirname);
const readPage = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const files = listMarkdownFiles(projectRoot);
const isExternal = (target: string) => /^[a-z][a-z0-9+.-]*:/.test(target);

function findBrokenLinks(file: string): string[] {
  return findLinks(readPage(file)).filter((target) => {
    if (isExternal(target)) return false;
    const [path = '', anchor] = target.split('#');
    const destination = path === '' ? file : join(dirname(file), decodeURIComponent(path));
    if (!existsSync(join(projectRoot, destination))) return true;
    if (anchor === undefined || !destination.endsWith('.md')) return false;
    return !findAnchors(readPage(destination)).has(anchor);
  });
}

const blocks = files.flatMap((file) =>
  findFencedBlocks(readPage(file)).map((block) => ({
    ...block,
    place: `${file}:${block.line}`,
    text: block.lines.join('\n'),
  })),
);

/** Used as a password and as a hash; it protects nothing. */
const anySecret = '$2y$10$abcdefghijklmnopqrstuuUlRHm2sQfHLcYlqmCzZjUjJXwWq3dG2';

/** A page may show a single section; these sections complete it to form a configuration. */
const minimum = { authentication: 'authentication: { mode: none }', source: 'source: { type: static, users: {} }' };

function isConfiguration(text: string): boolean {
  const options = readSchema('server-config.schema.json').properties as object;
  const keys = Object.keys((parse(text, { logLevel: 'error' }) as object | null) ?? {});
  if (keys.includes('source') || keys.includes('authentication')) return true;
  return keys.length > 0 && keys.every((key) => key in options);
}

/** Loads a configuration from a page, in a directory where every secret that it refers to exists. */
function loadShown(text: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-documentation-'));
  try {
    const shown = parse(text) as object;
    const missing = Object.entries(minimum).filter(([key]) => !(key in shown));
    const local = text.replaceAll('${file:/', '${file:');
    for (const [, path] of local.matchAll(/\$\{file:([^}]+)\}/g)) {
      mkdirSync(dirname(join(directory, path ?? '')), { recursive: true });
      writeFileSync(join(directory, path ?? ''), anySecret, { mode: 0o600 });
    }
    const variables = [...local.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [name, anySecret]);
    const file = join(directory, 'user-info.yaml');
    writeFileSync(file, [local, ...missing.map(([, line]) => line), ''].join('\n'));
    loadConfig(file, Object.fromEntries(variables));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('the text of the documentation', () => {
  for (const file of files) {
    it(`${file}: every link within the project leads to a file and a heading`, () => {
      expect(findBrokenLinks(file)).to.deep.equal([]);
    });
  }

  for (const { place, text } of blocks.filter(({ kind }) => kind === 'json')) {
    it(`${place}: the JSON parses`, () => {
      expect(() => JSON.parse(text)).not.to.throw();
    });
  }

  for (const { place, text } of blocks.filter(({ kind }) => kind === 'yaml' || kind === 'yml')) {
    it(`${place}: the YAML parses, and a configuration loads`, () => {
      expect(() => isConfiguration(text)).not.to.throw();
      if (isConfiguration(text)) loadShown(text);
    });
  }

  it('explains how to get the program in only one place, because the instructions change with the first release in a registry', () => {
    const versioned =
      /user-info-kit-\d[\w.]*\.tgz|npm (?:install|i) [^\n]*\buser-info-kit\b(?!-)|npmjs\.com\/package\/user-info-kit/;
    const list = ['ls-files', '-z', 'README.md', 'docs', 'examples', 'server/**/*.md'];
    const tracked = execFileSync('git', list, { cwd: projectRoot, encoding: 'utf8' }).split('\0').filter(Boolean);
    const places = tracked.filter((file) => !file.endsWith('.png') && versioned.test(readPage(file)));
    expect(places).to.deep.equal(['docs/guides/install.md']);
  });
});
