// Finds banned terms in text that users read: Markdown, schemas, and strings of the program.
import ts from 'typescript';

/** A banned term, as a regular expression for whole words, and what to write instead. */
export interface BannedTerm {
  readonly pattern: string;
  readonly use: string;
}

/** A line in which a banned term has its plain meaning: the file, a part of the line, and the reason. */
export interface TermException {
  readonly file: string;
  readonly text: string;
  readonly reason: string;
}

/** A piece of text, and the line of the file where it begins (from 1). */
export interface TextPiece {
  readonly line: number;
  readonly text: string;
}

/** Returns the strings, template texts and JSX texts of a source file, without import paths and without single words, which are identifiers. */
export function readProgramText(file: string, source: string): TextPiece[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const pieces: TextPiece[] = [];
  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportTypeNode(node)) return;
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node)
    ) {
      const start = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      if (/\s/.test(node.text))
        pieces.push(...node.text.split('\n').map((text, index) => ({ line: start + index, text })));
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return pieces;
}

/** Returns the lines of a Markdown page, without code blocks and inline code, which may name options and files. */
export function readMarkdownText(source: string): TextPiece[] {
  let fence = '';
  return source.split('\n').map((raw, index) => {
    const [, mark] = /^\s*(```+|~~~+)/.exec(raw) ?? [];
    const isCode = fence !== '' || mark !== undefined;
    if (mark !== undefined) fence = fence === '' ? mark : raw.trim().startsWith(fence) ? '' : fence;
    const text = isCode ? '' : raw.replace(/`[^`]*`/g, '``').replace(/\]\([^)]*\)/g, ']()');
    return { line: index + 1, text };
  });
}

/** Returns every line of a JSON or YAML schema as text; names of keys are permanent and not checked. */
export function readSchemaText(source: string): TextPiece[] {
  return source.split('\n').map((raw, index) => ({
    line: index + 1,
    text: raw.replace(/^\s*(- )?"?[$\w-]+"?:\s*/, '').replace(/`[^`]*`/g, '``'),
  }));
}

/**
 * Finds banned terms in pieces of text.
 *
 * @returns a line "file:line: …" for each, except those that an exception allows.
 */
export function findBannedTerms(
  file: string,
  pieces: readonly TextPiece[],
  terms: readonly BannedTerm[],
  exceptions: readonly TermException[],
): string[] {
  const allowed = exceptions.filter((exception) => exception.file === file);
  return terms.flatMap(({ pattern, use }) => {
    const expression = new RegExp(`(?<![\\w-])(?:${pattern})(?![\\w-])`, 'i');
    return pieces.flatMap(({ line, text }) => {
      const [found] = expression.exec(text) ?? [];
      if (found === undefined || allowed.some((exception) => text.includes(exception.text))) return [];
      return [`${file}:${line}: "${found}": write ${use}. ${text.trim().slice(0, 120)}`];
    });
  });
}
