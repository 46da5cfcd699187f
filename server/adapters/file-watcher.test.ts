// Owns the tests of a watch whose folder goes: no state of a file system may end the process that watches.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ChangeHint, type FileWatcher, watchFiles } from './file-watcher.ts';

describe('a watch on the folder of a file', () => {
  let root: string;
  let folder: string;
  let watcher: FileWatcher;
  let hints: ChangeHint[];
  let onHint = (_hint: ChangeHint) => {};

  const nextHint = (wanted: ChangeHint) =>
    new Promise<void>((resolve) => {
      onHint = (hint) => {
        if (hint === wanted) resolve();
      };
    });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'user-info-watch-'));
    folder = join(root, 'watched');
    mkdirSync(folder);
    hints = [];
    watcher = watchFiles([join(folder, 'users.csv')], 1, (hint) => {
      hints.push(hint);
      onHint(hint);
    });
  });
  afterEach(() => {
    watcher.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('tells of a file that is written', async () => {
    const told = nextHint('event');
    writeFileSync(join(folder, 'users.csv'), 'userid\n');
    await told;
    expect(hints).to.include('event');
  });

  const gone: Readonly<Record<string, () => void>> = {
    'is gone': () => undefined,
    "can't be looked at, being a symlink to itself": () => symlinkSync(folder, folder),
  };
  for (const [title, put] of Object.entries(gone)) {
    it(`goes on polling when the folder ${title}, and watches the one that comes after`, async () => {
      rmSync(folder, { recursive: true });
      put();
      await nextHint('poll');
      rmSync(folder, { force: true });
      mkdirSync(folder);
      await nextHint('poll');
      const told = nextHint('event');
      writeFileSync(join(folder, 'users.csv'), 'userid\n');
      await told;
    });
  }
});
