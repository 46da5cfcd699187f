// Commands of a guide that another test runs: the blocks marked with that test.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findFencedBlocks } from './markdown.ts';

const projectRoot = dirname(import.meta.dirname);

/** Returns the blocks of a page that are marked `sh run by TEST`, in order. @throws {Error} when there is none. */
export function readMarkedBlocks(page: string, test: string): string[] {
  const blocks = findFencedBlocks(readFileSync(join(projectRoot, page), 'utf8'));
  const marked = blocks.filter(({ info }) => info === `sh run by ${test}`).map(({ lines }) => lines.join('\n'));
  if (marked.length === 0) throw new Error(`${page} has no block that ${test} runs`);
  return marked;
}
