// Tests of the file watcher amid other changes in the directory, and in every state of a file system.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type ChangeHint, type FileWatcher, watchFiles } from './file-watcher.ts';

describe('a watch on the directory of a file', () => {
  let root: string;
  let directory: string;
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
    directory = join(root, 'watched');
    mkdirSync(directory);
    hints = [];
    watcher = watchFiles([join(directory, 'users.csv')], 1, (hint) => {
      hints.push(hint);
      onHint(hint);
    });
  });
  afterEach(() => {
    watcher.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('reports a file that is written', async () => {
    const notified = nextHint('event');
    writeFileSync(join(directory, 'users.csv'), 'userid\n');
    await notified;
    expect(hints).to.include('event');
  });

  /** Changes the directory every few milliseconds, until `work` is done. */
  async function amid<T>(happen: (turn: number) => void, work: () => Promise<T>): Promise<T> {
    let turn = 0;
    const noise = setInterval(() => happen(turn++), 10);
    try {
      return await work();
    } finally {
      clearInterval(noise);
    }
  }

  it('ignores a log in the same directory, and still reports the file', async () => {
    const log = join(directory, 'server.log');
    writeFileSync(log, '');
    await nextHint('event');
    hints = [];
    const write = () => appendFileSync(log, 'a line\n');
    await amid(write, async () => {
      await delay(500);
      expect(hints.filter((hint) => hint === 'event')).to.deep.equal([]);
      const notified = nextHint('event');
      writeFileSync(join(directory, 'users.csv'), 'userid\n');
      await notified;
    });
  });

  it('reports changes behind a symlink in the directory, even when the target of the symlink changes', async () => {
    const [link, one, other] = ['users.csv', 'one.csv', 'other.csv'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    for (const target of [one, other]) {
      writeFileSync(target, 'userid\n');
      rmSync(link, { force: true });
      symlinkSync(target, link);
      await nextHint('event');
      await delay(200);
      const notified = nextHint('event');
      appendFileSync(target, 'ada\n');
      await notified;
    }
  });

  it('waits until the file is completely written, despite other changes in the directory', async () => {
    const file = join(directory, 'users.csv');
    writeFileSync(file, 'userid\n');
    await nextHint('event');
    hints = [];
    const write = (turn: number) => {
      appendFileSync(file, 'a line\n');
      writeFileSync(join(directory, `${turn}.part`), '');
    };
    await amid(write, () => delay(800));
    // Without the delay there would be five hints; on a busy machine there may be only one.
    expect(hints.filter((hint) => hint === 'event')).to.have.length.below(3);
    await nextHint('event');
  });

  it('is not delayed forever by a directory in which files are created and deleted', async () => {
    const come = (turn: number) => writeFileSync(join(directory, `${turn}.part`), '');
    await amid(come, () => nextHint('event'));
  });

  const gone: Readonly<Record<string, () => void>> = {
    'is missing': () => undefined,
    'is a symlink to itself': () => symlinkSync(directory, directory),
  };
  for (const [title, put] of Object.entries(gone)) {
    it(`continues to poll when the directory ${title}, and watches its replacement`, async () => {
      rmSync(directory, { recursive: true });
      put();
      await nextHint('poll');
      rmSync(directory, { force: true });
      mkdirSync(directory);
      await nextHint('poll');
      const notified = nextHint('event');
      writeFileSync(join(directory, 'users.csv'), 'userid\n');
      await notified;
    });
  }
});
