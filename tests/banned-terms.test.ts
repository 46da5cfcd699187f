// Tests of the check for banned terms: which parts of a file it reads, what it finds, and which lines it ignores.
import { expect } from 'chai';
import { findBannedTerms, readMarkdownText, readProgramText, readSchemaText } from './banned-terms.ts';

const terms = [{ pattern: 'folders?', use: 'directory' }];
const find = (pieces: ReturnType<typeof readMarkdownText>, exceptions: Parameters<typeof findBannedTerms>[3] = []) =>
  findBannedTerms('x', pieces, terms, exceptions);

describe('the check for banned terms', () => {
  it('reads strings, templates and JSX of a program, with their lines', () => {
    const source = [
      "import folder from './the folder.ts';",
      "const a = 'Name a folder.';",
      `const b = \`The \${folder} of`,
      'this folder`;',
      'const c = <p>Two folders</p>;',
    ].join('\n');
    expect(find(readProgramText('x.tsx', source))).to.deep.equal([
      'x:2: "folder": write directory. Name a folder.',
      'x:4: "folder": write directory. this folder',
      'x:5: "folders": write directory. Two folders',
    ]);
  });

  it('treats single words of a program as identifiers, and reads no comments', () => {
    expect(find(readProgramText('x.ts', "// The folder of it.\nconst kind = 'folder';"))).to.deep.equal([]);
  });

  it('skips code and the addresses of links in Markdown', () => {
    const page = ['A `folder`, a [page](folder.md).', '```console', '$ ls folder', '```', 'A folder.'].join('\n');
    expect(find(readMarkdownText(page))).to.deep.equal(['x:5: "folder": write directory. A folder.']);
  });

  it('skips the names of keys in a schema', () => {
    const schema = '{\n  "folder": { "type": "string" },\n  "description": "The folder."\n}';
    expect(find(readSchemaText(schema))).to.deep.equal(['x:3: "folder": write directory. "The folder."']);
  });

  it('finds only whole words', () => {
    expect(find(readMarkdownText('A scaffolder and a folder-like thing.'))).to.deep.equal([]);
  });

  it('allows a line for which the file has an exception', () => {
    const page = readMarkdownText('A folder on the desk.');
    const text = 'folder on the desk';
    expect(find(page, [{ file: 'x', text, reason: 'Paper.' }])).to.deep.equal([]);
    expect(find(page, [{ file: 'y', text, reason: 'Paper.' }])).to.have.length(1);
  });
});
