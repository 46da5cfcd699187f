// Tests all guides in a fixed order and in one shell: each works as pasted, outside of a clone, and leaves nothing behind.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSteps } from '../console-blocks.ts';
import { followPage } from '../follow-page.ts';
import { findFencedBlocks } from '../markdown.ts';
import { createReaderShell, type ReaderShell } from '../reader-shell.ts';
import { type OwnBackend, startOwnDatabase, startOwnDirectory } from './own-backends.ts';
import { takeTurn, turnTimeoutMs } from './take-turn.ts';

const projectRoot = join(import.meta.dirname, '../..');
const directory = join(projectRoot, 'docs/guides');
const readBlocks = (name: string) => findFencedBlocks(readFileSync(join(directory, name), 'utf8'));

/** Generous: a limit for hanging commands, not a claim about speed. */
const commandTimeoutMs = 60_000;
const guideTimeoutMs = 300_000;

/** The path of a reader from a first endpoint to a profile of the platform. */
const guides = [
  'serve-users-from-csv.md',
  'connect-ldap.md',
  'connect-postgresql.md',
  'operations.md',
  'guards.md',
  'doctor.md',
  'test-your-endpoint.md',
  'write-your-own-endpoint.md',
  'test-an-endpoint.md',
  'write-custom-checks.md',
  'qa-sync.md',
  'scenarios.md',
  'external-ids.md',
  'console.md',
  'simulator-api.md',
  'learn-your-platform.md',
];

const backends: Readonly<Record<string, () => Promise<OwnBackend>>> = {
  'connect-ldap.md': startOwnDirectory,
  'connect-postgresql.md': startOwnDatabase,
};

/** Variables, working directory, jobs and files of the home directory: what a guide could leave behind for the next one. */
const surroundings = [
  'compgen -v | grep -v -x -e _ -e OLDPWD -e PIPESTATUS -e "BASH_.*" | sort',
  'pwd',
  // Reports the jobs that have ended, as a prompt does; otherwise, `jobs -p` and the numbers of the next jobs would still count them.
  'jobs > /dev/null',
  'jobs -p',
  'ls -A ~',
].join('; ');

function differenceOf(before: string, after: string): { added: string[]; removed: string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return { added: now.filter((line) => !old.includes(line)), removed: old.filter((line) => !now.includes(line)) };
}

describe('the guides, in one shell', () => {
  let shell: ReaderShell | null = null;
  let endTurn: (() => void) | undefined;
  before(async function () {
    this.timeout(turnTimeoutMs);
    endTurn = await takeTurn();
  });
  // Leftovers of a failed guide must not affect the next guide, or its own repetition, before which mocha sets no state.
  afterEach(async function () {
    if (this.currentTest?.state === 'passed') return;
    await shell?.close();
    shell = null;
  });
  after(async () => {
    await shell?.close();
    endTurn?.();
  });

  for (const name of guides) {
    it(`${name} works when its commands are pasted, and leaves nothing behind`, async () => {
      const steps = readSteps(readBlocks(name));
      expect(steps[0]?.command, 'begins in a directory of its own').to.match(
        /^(mkdir|cp -r \S+ \S+) ~\/user-info-[\w-]+ && cd ~\//,
      );
      const backend = await backends[name]?.();
      try {
        shell ??= createReaderShell(projectRoot);
        await shell.run('cd', commandTimeoutMs);
        const before = await shell.run(surroundings, commandTimeoutMs);
        await followPage(shell, `docs/guides/${name}`, backend?.change(steps) ?? steps);
        const after = await shell.run(surroundings, commandTimeoutMs);
        expect(differenceOf(before.output, after.output)).to.deep.equal({ added: [], removed: [] });
      } finally {
        await backend?.stop();
      }
    }).timeout(guideTimeoutMs);
  }

  it('are all tested', () => {
    const withCommands = readdirSync(directory).filter((name) => readSteps(readBlocks(name)).length > 0);
    expect(withCommands).to.have.members(guides);
  });

  it('have separate ports and directories', () => {
    const owners = new Map<string, string>();
    for (const name of guides) {
      const text = readBlocks(name)
        .filter(({ kind }) => ['sh', 'yaml'].includes(kind))
        .flatMap(({ lines }) => lines)
        .join('\n');
      const own = new Set([
        ...[...text.matchAll(/(?:(?:127\.0\.0\.1|localhost):|\bport: |--port |PORT=)(\d{4,5})\b/g)].map(
          ([, port]) => port ?? '',
        ),
        ...[...text.matchAll(/~\/(user-info-[\w-]+)/g)].map(([, made]) => made ?? ''),
      ]);
      for (const one of own) {
        expect(owners.get(one) ?? name, `${one} is used by two guides`).to.equal(name);
        owners.set(one, name);
      }
    }
  });
});
