// Tests that blocks, links and anchors are parsed from Markdown as code hosts render them.
import { expect } from 'chai';
import { findAnchors, findFencedBlocks, findLinks } from './markdown.ts';

const page = [
  '# The title',
  'See [one](a.md#b), ![two](<c.png> "a title") and `[not](code.md)`.',
  '',
  '```json title="x"',
  '[three](not-a-link.md)',
  '# not a heading',
  '```',
  '1. A list',
  '',
  '   ~~~~YAML',
  '   a:',
  '     - ```',
  '   ~~~~',
  '## `certs create` & the rest!',
  '## Größe',
  '## The title',
].join('\n');

describe('reading Markdown', () => {
  it('finds each fenced block with its kind and line, without the indentation of a list item', () => {
    expect(findFencedBlocks(page)).to.deep.equal([
      { kind: 'json', info: 'json title="x"', line: 4, lines: ['[three](not-a-link.md)', '# not a heading'] },
      { kind: 'yaml', info: 'YAML', line: 10, lines: ['a:', '  - ```'] },
    ]);
  });

  it('reports the line of a fence that is never closed', () => {
    expect(() => findFencedBlocks('a\n```\nb')).to.throw('line 2');
  });

  it('finds links and images, but none in code', () => {
    expect(findLinks(page)).to.deep.equal(['a.md#b', 'c.png']);
  });

  it('creates the anchors of headings, with numbers for repeated ones', () => {
    expect([...findAnchors(page)]).to.deep.equal(['the-title', 'certs-create--the-rest', 'größe', 'the-title-1']);
  });
});
