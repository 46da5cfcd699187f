// Reader of Markdown for the documentation tests: files, fenced blocks, links and anchors.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A block between two fences. */
export interface FencedBlock {
  /** First word after the fence, in lower case; "" when there is none. */
  readonly kind: string;
  /** Everything after the fence. */
  readonly info: string;
  /** Line of the opening fence; the first line is 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** Returns the Markdown files of the project, relative to `root`, sorted, without installed or generated ones. */
export function listMarkdownFiles(root: string): string[] {
  const left = readdirSync(root, { withFileTypes: true }).filter(
    ({ name }) => !name.startsWith('.') && !['node_modules', 'dist', 'coverage', 'scratch'].includes(name),
  );
  const files = left.flatMap((entry) => {
    if (!entry.isDirectory()) return entry.name.endsWith('.md') ? [entry.name] : [];
    return listMarkdownFiles(join(root, entry.name)).map((file) => join(entry.name, file));
  });
  return files.sort();
}

/** Splits Markdown into fenced blocks and the lines around them. @throws {Error} when a fence is not closed. */
function splitAtFences(markdown: string): { blocks: FencedBlock[]; prose: string[] } {
  const blocks: FencedBlock[] = [];
  const prose: string[] = [];
  let open: { fence: string; indent: number; info: string; line: number; lines: string[] } | null = null;
  for (const [index, text] of markdown.split('\n').entries()) {
    const fence = /^(?<indent> *)(?<marks>`{3,}|~{3,})(?<info>.*)$/.exec(text)?.groups;
    if (open === null) {
      if (!fence) prose.push(text);
      else
        open = {
          fence: fence.marks ?? '',
          indent: fence.indent?.length ?? 0,
          info: (fence.info ?? '').trim(),
          line: index + 1,
          lines: [],
        };
    } else if (fence?.info === '' && fence.marks?.startsWith(open.fence)) {
      const { info, line, lines } = open;
      blocks.push({ kind: (info.split(/\s/, 1)[0] ?? '').toLowerCase(), info, line, lines });
      open = null;
    } else {
      open.lines.push(text.slice(Math.min(open.indent, text.length - text.trimStart().length)));
    }
  }
  if (open !== null) throw new Error(`the fence of line ${open.line} is never closed`);
  return { blocks, prose };
}

/** Returns the fenced blocks, in order. @throws {Error} when a fence is not closed. */
export function findFencedBlocks(markdown: string): FencedBlock[] {
  return splitAtFences(markdown).blocks;
}

/** Returns the targets of inline links and images outside of code, unchanged. */
export function findLinks(markdown: string): string[] {
  const prose = splitAtFences(markdown)
    .prose.join('\n')
    .replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target]) => target ?? '');
}

/** Returns the anchors that code hosts create for headings: lower case, no punctuation, hyphens for spaces, numbers for duplicates. */
export function findAnchors(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of splitAtFences(markdown).prose) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let repeat = 1; anchors.has(anchor); repeat++) anchor = `${slug}-${repeat}`;
    anchors.add(anchor);
  }
  return anchors;
}
