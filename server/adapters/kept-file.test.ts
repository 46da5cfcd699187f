// Tests of data that is read from a file and kept, when the file changes while it is read.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { type FileToKeep, keepFile, type LoadOutcome } from './kept-file.ts';
import type { AdapterLog } from './user-source.ts';

const quiet: AdapterLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Replaces a file as a careful writer does: writes a new file, then renames it. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

/** Describes a file whose content is its data. `afterRead` is called when it has been read, before the load ends. */
function fileToKeep(path: string, afterRead: (text: string) => void): FileToKeep<string> {
  return {
    kind: 'test',
    path,
    // Long enough that no poll occurs during a test.
    pollSeconds: 3600,
    maxShrinkPercent: 100,
    async load(knownDigests): Promise<LoadOutcome<string>> {
      const text = readFileSync(path, 'utf8');
      afterRead(text);
      if (text === 'faulty') return { kind: 'refused', digest: text, reason: 'it is faulty', report: 'it is faulty' };
      if (knownDigests.includes(text)) return { kind: 'unchanged', digest: text };
      return { kind: 'loaded', digest: text, loaded: text };
    },
    sizesOf: () => ({}),
  };
}

describe('a kept file', () => {
  let path: string;
  beforeEach(() => {
    path = join(scratchDirectory(), 'data');
    writeFileSync(path, 'first');
  });

  it('that is replaced during the first load is loaded again before it is served', async () => {
    const kept = await keepFile(
      fileToKeep(path, (text) => {
        if (text === 'first') replace(path, 'second');
      }),
      quiet,
    );
    expect([kept.data, kept.staleReason]).to.deep.equal(['second', null]);
    await kept.close();
  });

  it('that is replaced by a malformed one during the first load is served as read, with the error reported', async () => {
    const kept = await keepFile(
      fileToKeep(path, (text) => {
        if (text === 'first') replace(path, 'faulty');
      }),
      quiet,
    );
    expect([kept.data, kept.staleReason]).to.deep.equal(['first', 'it is faulty']);
    await kept.close();
  });

  it('that is replaced during a later load is loaded again without waiting for the next poll', async () => {
    const kept = await keepFile(
      fileToKeep(path, (text) => {
        if (text === 'second') writeFileSync(path, 'third');
      }),
      quiet,
    );
    replace(path, 'second');
    await eventually(
      () => kept.data,
      (data) => data === 'third',
    );
    await kept.close();
  });
});
