// Tests the rules for the source tree that no other tool enforces: first lines, sizes, directory names, focused tests, and nothing specific to one
// machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const projectRoot = dirname(import.meta.dirname);
const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

// Including new, uncommitted files, so that an error is found before the commit.
const listFiles = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
const files = execFileSync('git', listFiles, { cwd: projectRoot, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(projectRoot, file)));
const sources = files.filter((file) => /\.(tsx?|mjs)$/.test(file));
const tests = sources.filter((file) => /\.(test|suite)\.ts$/.test(file));
const written = sources.filter((file) => !file.startsWith('schemas/generated/'));

const maxLines = 400;

/** A shorter file is merged with the only file that imports it. */
const minLinesOfPrivateFile = 30;
/**
 * Short files that only one file imports or starts: adapters, entries of threads, commands and the console, lists that contributors extend, and a file
 * that `npm run test:mutation` changes.
 */
const shortByDesign = [
  /^server\/adapters\/(?:.*-adapter|registry)\.ts$/,
  /-worker\.ts$/,
  /^conformance\/explore-options\.ts$/,
  /^cli\/certs\/certs\.ts$/,
  /^simulator\/console\/main\.tsx$/,
  /^simulator\/learn\/measurements\.ts$/,
];

/**
 * Limits on lines of code, not counting blank lines, comments and tests. Raise a limit only if the commit message states the reason
 * (docs/decisions/0019-size.md).
 */
const maxCodeLines = { server: 19_500, conformance: 15_700, simulator: 17_300, cli: 8_400, schemas: 2_100, certs: 850 };

function countCodeLines(text: string): number {
  const code = text.replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '').split('\n');
  return code.filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}

/**
 * Text that a file must not contain, because it is true on one machine only. The texts are written as patterns, so that this file does not match
 * itself.
 */
const machineTraces: Record<string, RegExp> = {
  'a home directory': /(?<![\w.])\/(?:home|Users)\/\w/,
  'a mounted directory': /(?<![\w.$}/-])\/(?:work|workspace|builds)\/\w/,
  'a scratch file of a session': /(?<![\w.])\/tmp\/\w/,
  'where a package was downloaded': /"resolved":\s*"(?!file:)/,
  'a registry': /registry[.-]\S*\.(?:org|com|net|io|dev|internal|local)\b|^\s*@?[\w-]*:?registry\s*=/m,
};

describe('the tree', () => {
  it('is read completely', () => {
    expect(sources).to.include.members(['cli/main.ts', 'tests/tree.test.ts']);
  });

  it('begins every source file with a comment that describes it', () => {
    const headless = sources.filter((file) => {
      const [first = '', second = ''] = read(file).split('\n', 2);
      return !/^\/\/ \S/.test(first.startsWith('#!') ? second : first);
    });
    expect(headless).to.deep.equal([]);
  });

  it(`has no source file with more than ${maxLines} lines`, () => {
    expect(written.filter((file) => read(file).trimEnd().split('\n').length > maxLines)).to.deep.equal([]);
  });

  it(`has no file of fewer than ${minLinesOfPrivateFile} lines that only one file imports, apart from tests`, () => {
    const importers = new Map<string, Set<string>>();
    for (const file of sources.filter((each) => !/\.test\.ts$/.test(each))) {
      for (const [, path = ''] of read(file).matchAll(/\b(?:from|import\()\s*'(\.[^']+)'/g)) {
        const target = join(dirname(file), path);
        importers.set(target, (importers.get(target) ?? new Set()).add(file));
      }
    }
    expect(importers.get('cli/exit-codes.ts')?.size, 'imports are found').to.be.greaterThan(10);
    const isShort = (file: string) => read(file).trimEnd().split('\n').length < minLinesOfPrivateFile;
    const product = written.filter(
      (file) => /\.tsx?$/.test(file) && Object.keys(maxCodeLines).some((part) => file.startsWith(`${part}/`)),
    );
    const own = product.filter((file) => !/\.(?:test|suite)\.ts$|\.d\.ts$|\/testing\//.test(file));
    const lonely = own.filter((file) => isShort(file) && (importers.get(file)?.size ?? 0) < 2);
    expect(lonely.filter((file) => !shortByDesign.some((pattern) => pattern.test(file)))).to.deep.equal([]);
  });

  for (const [part, limit] of Object.entries(maxCodeLines)) {
    it(`has at most ${limit} code lines in ${part}/`, () => {
      const own = sources.filter((file) => file.startsWith(`${part}/`) && !/\.test\.|\/testing\//.test(file));
      const lines = own.reduce((sum, file) => sum + countCodeLines(read(file)), 0);
      expect(lines).to.be.within(1, limit);
    });
  }

  it('has no directory or file for miscellaneous code', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.[^/]*$)/i.test(file))).to.deep.equal([]);
  });

  it('contains no program output, such as logs, profiles or databases', () => {
    expect(files.filter((file) => /\.(log|cpuprofile|heapsnapshot|db|db-wal|db-shm)$/.test(file))).to.deep.equal([]);
  });

  it('names every source file in kebab-case', () => {
    expect(sources.filter((file) => !/(^|\/)\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(file))).to.deep.equal([]);
  });

  it('runs every test: none is focused or skipped', () => {
    const bypass = /\b(?:describe|it|context)\.(?:only|skip)\b|\bthis\.skip\(|\bx(?:it|describe)\(/;
    expect(tests.filter((file) => bypass.test(read(file)))).to.deep.equal([]);
  });

  it('uses the name *.services.test.ts for every test that needs more than Node.js and git', () => {
    const needs = [
      /from '[./]+(?:tests\/)?services\/(?!shared-service|service-process)/,
      /from '[./]+(?:tests\/)?(?:browser|pseudo-terminal|npm-environment|reader-shell)\.ts'/,
      /\b(?:spawn|exec|execFile)(?:Sync)?\('(?!sh'|git'|\.)[a-z]/,
      /'\/dev\/full'/,
    ];
    const needy = tests.filter((file) => /\.test\.ts$/.test(file) && needs.some((pattern) => pattern.test(read(file))));
    expect(needy.filter((file) => !file.endsWith('.services.test.ts'))).to.deep.equal([]);
    expect(needy).to.include('tests/clean-clone.services.test.ts');
  });

  it('has no test inside another test, because Mocha never runs nested tests', () => {
    expect(tests.filter((file) => holdsNestedTest(read(file)))).to.deep.equal([]);
    expect(holdsNestedTest("  it('a', () => {\n    it('b', () => {\n    });\n  });")).to.equal(true);
  });

  it('suppresses no checker warnings and contains no notes on unfinished work', () => {
    const silenced = /@ts-(?:ignore|nocheck)|biome-ignore(?! lint\/\S+: \S)|\b(?:TODO|FIXME|XXX)\b(?!\|)/;
    const self = 'tests/tree.test.ts';
    expect(sources.filter((file) => file !== self && silenced.test(read(file)))).to.deep.equal([]);
  });

  for (const [name, trace] of Object.entries(machineTraces)) {
    it(`contains no trace of a machine: ${name}`, () => {
      const texts = files.filter(
        (file) => !/\.(png|ico|woff2?|gz|zip|p12|der)$/.test(file) && file !== 'tests/tree.test.ts',
      );
      const traced = texts.flatMap((file) => {
        const lines = read(file).split('\n');
        return lines.flatMap((line, index) => (trace.test(line) ? [`${file}:${index + 1}`] : []));
      });
      expect(traced).to.deep.equal([]);
    });
  }
});

/** Detects nesting by the indentation that the formatter enforces. */
function holdsNestedTest(text: string): boolean {
  let outer: string | null = null;
  for (const line of text.split('\n')) {
    const [, indentation, begun] = /^( *)(?:it\(.*?(\{|\()?$)?/.exec(line) ?? [];
    if (outer !== null && /^ *it\(/.test(line)) return true;
    if (outer !== null && line.startsWith(outer)) outer = null;
    else if (outer === null && begun !== undefined) outer = `${indentation}${begun === '{' ? '}' : ')'}`;
  }
  return false;
}
