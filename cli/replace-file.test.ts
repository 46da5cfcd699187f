// Tests that a file is replaced atomically, that it keeps its permissions and its location, and that no temporary file remains if the replacement
// fails.
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { replaceFile } from './replace-file.ts';

describe('replacing a file', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-replace-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('creates a new file, and leaves no other file', () => {
    replaceFile(join(directory, 'a.txt'), 'new');
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).to.equal('new');
    expect(readdirSync(directory)).to.deep.equal(['a.txt']);
  });

  it('renames the new file over the old one and keeps the permissions', () => {
    const file = join(directory, 'a.txt');
    writeFileSync(file, 'old');
    chmodSync(file, 0o640);
    const { ino } = statSync(file);
    replaceFile(file, 'new');
    const after = statSync(file);
    expect(readFileSync(file, 'utf8')).to.equal('new');
    expect(after.ino).not.to.equal(ino);
    expect(after.mode & 0o777).to.equal(0o640);
  });

  it('never shows a reader a partial file', async () => {
    const file = join(directory, 'a.txt');
    const texts = ['a'.repeat(3_000_000), 'b'.repeat(3_000_000)];
    replaceFile(file, texts[0] ?? '');
    const seen: string[] = [];
    const watcher = watch(directory, () => seen.push(readFileSync(file, 'utf8')));
    for (const text of [...texts, ...texts]) {
      replaceFile(file, text);
      await delay(5);
    }
    watcher.close();
    expect(seen.length).to.be.greaterThan(0);
    expect(seen.filter((text) => !texts.includes(text))).to.have.length(0);
  });

  it('follows a symbolic link, which is kept', () => {
    writeFileSync(join(directory, 'real.txt'), 'old');
    symlinkSync('real.txt', join(directory, 'link.txt'));
    replaceFile(join(directory, 'link.txt'), 'new');
    expect(readFileSync(join(directory, 'real.txt'), 'utf8')).to.equal('new');
    expect(readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())).to.have.length(1);
  });

  it('writes to a device and does not replace it', () => {
    const { ino, rdev } = statSync('/dev/null');
    replaceFile('/dev/null', 'new');
    expect(statSync('/dev/null')).to.include({ ino, rdev });
  });

  it('keeps the old file when the temporary file already exists', () => {
    const taken = join(directory, `a.txt.${process.pid}.tmp`);
    writeFileSync(join(directory, 'a.txt'), 'old');
    writeFileSync(taken, "somebody else's");
    expect(() => replaceFile(join(directory, 'a.txt'), 'new')).to.throw('EEXIST');
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).to.equal('old');
  });
});
