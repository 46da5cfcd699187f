// Tests that every command of every page except the guides works when typed in order, and prints what the page shows.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readSteps } from './console-blocks.ts';
import { followPage } from './follow-page.ts';
import { findFencedBlocks, listMarkdownFiles } from './markdown.ts';
import { createReaderShell } from './reader-shell.ts';

const projectRoot = dirname(import.meta.dirname);

/** Generous: a limit for hanging commands, not a claim about speed. */
const pageTimeoutMs = 300_000;

/** Languages of shell blocks: a block is run here, run by another test, or not run for a stated reason. */
const shellKinds = ['sh', 'bash', 'shell', 'zsh', 'shell-session', 'console'];

/**
 * Pages with blocks that no test can run here. They require a cluster, a cloud account, image registries, or programs that CI does not install.
 */
const pagesWithUnrunCommands = [
  'docs/guides/deploy.md',
  'docs/guides/observe.md',
  'docs/guides/secrets.md',
  'docs/security/audits.md',
];

const readText = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

const pages = listMarkdownFiles(projectRoot).map((file) => {
  const blocks = findFencedBlocks(readText(file));
  return { file, blocks, steps: readSteps(blocks) };
});

describe('the commands of the documentation', () => {
  // tests/first-hour/guides.services.test.ts runs the guides.
  const others = pages.filter(({ file, steps }) => steps.length > 0 && !file.startsWith('docs/guides/'));
  for (const { file, steps } of others) {
    it(`${file}: ${steps.length} commands, in order, print the output in the page`, async () => {
      const shell = createReaderShell(projectRoot, { examples: true });
      try {
        await followPage(shell, file, steps);
      } finally {
        await shell.close();
      }
    }).timeout(pageTimeoutMs);
  }

  it('are in ```sh blocks without prompts, and are run', () => {
    const faulty = pages.flatMap(({ file, blocks }) =>
      blocks
        .filter(({ kind, info, lines }) => {
          if (!shellKinds.includes(kind)) return false;
          const [, test] = /^sh run by (\S+\.test\.ts)$/.exec(info) ?? [];
          if (test !== undefined) return !existsSync(join(projectRoot, test)) || !readText(test).includes(file);
          if (/^sh not run: \S/.test(info)) return !pagesWithUnrunCommands.includes(file);
          return info !== 'sh' || lines.some((line) => line.startsWith('$ '));
        })
        .map(({ line }) => `${file}:${line}`),
    );
    expect(faulty, 'use ```sh, and ```output for what it prints').to.deep.equal([]);
  });

  it('use only portable options', () => {
    const faulty = pages.flatMap(({ file, blocks }) =>
      blocks
        .filter(({ kind, lines }) => kind === 'sh' && /\bsed -i\b|\bcurl\b.* --json\b/.test(lines.join(' ')))
        .map(({ line }) => `${file}:${line}`),
    );
    expect(faulty, '`sed -i` takes other arguments on macOS, and `curl --json` needs curl 7.82').to.deep.equal([]);
  });
});
