// `npm run check:terms`: checks that text for users contains only the field's terms. Prints a line for each banned term and each unused exception,
// and then exits with 1.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BannedTerm,
  findBannedTerms,
  readMarkdownText,
  readProgramText,
  readSchemaText,
  type TermException,
  type TextPiece,
} from './banned-terms.ts';

const root = join(import.meta.dirname, '..');
const { terms, exceptions }: { terms: BannedTerm[]; exceptions: TermException[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'banned-terms.json'), 'utf8'),
);

/** Released sections of CHANGELOG.md are history; decisions and reports quote other texts. */
const unread =
  /^(?:CHANGELOG\.md|docs\/decisions\/|docs\/security\/|tests\/|bench\/)|\/testing\/|\.test\.|\.suite\.|\/generated\//;

function readPieces(file: string): readonly TextPiece[] {
  const source = readFileSync(join(root, file), 'utf8');
  if (file.endsWith('.md')) return readMarkdownText(source);
  if (/\.(?:json|ya?ml)$/.test(file)) return file.startsWith('schemas/') ? readSchemaText(source) : [];
  return /\.tsx?$/.test(file) ? readProgramText(file, source) : [];
}

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && !unread.test(file));
const found = files.flatMap((file) => findBannedTerms(file, readPieces(file), terms, exceptions));
const stale = exceptions.filter(
  ({ file, text }) => !files.includes(file) || !readPieces(file).some((piece) => piece.text.includes(text)),
);
const lines = [
  ...found,
  ...stale.map(({ file, text }) => `tests/banned-terms.json: no line of ${file} has "${text}". Remove the exception.`),
];
for (const line of lines) process.stderr.write(`${line}\n`);
if (lines.length > 0) process.exitCode = 1;
