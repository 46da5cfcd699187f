// Parses the text of a query: replaces `:userid` with the driver's placeholder, and rejects interpolation.

/** MariaDB parses like MySQL. */
export type SqlSystem = 'postgresql' | 'mysql' | 'sqlite';

/** A query in the driver's form. The userid is bound to each placeholder, and is never part of the text. */
export interface BoundQuery {
  readonly text: string;
  /** How many times the userid must be passed: PostgreSQL and SQLite number their placeholders, MySQL does not. */
  readonly placeholders: number;
}

/**
 * The text is not one query with a bound `:userid`. The message continues a sentence that begins with the query's option, e.g. "source.userQuery has
 * …". It contains a position only for an unterminated literal or comment.
 */
export class SqlTextFault extends Error {}

interface Dialect {
  readonly placeholder: string;
  /** Patterns of comments, literals and quoted names, whose content is not SQL; sticky, tried in order. */
  readonly opaque: readonly RegExp[];
  /** Pattern of the driver's own placeholders, which would not be bound. */
  readonly foreign: RegExp;
  readonly numbered: boolean;
}

const standardString = /'(?:[^']|'')*'/y;
const standardName = /"(?:[^"]|"")*"/y;
const plainComment = /\/\*[\s\S]*?\*\//y;
const backquotedName = /`(?:[^`]|``)*`/y;

const dialects: Readonly<Record<SqlSystem, Dialect>> = {
  postgresql: {
    // The cast forces an exact comparison as text, whatever the column's type.
    placeholder: '$1::text',
    opaque: [
      /--[^\n]*/y,
      /[Ee]'(?:[^'\\]|''|\\[\s\S])*'/y,
      standardString,
      standardName,
      /\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?\$\1\$/y,
    ],
    foreign: /\$\d+/y,
    numbered: true,
  },
  mysql: {
    placeholder: '?',
    opaque: [
      /--(?=\s|$)[^\n]*/y,
      /#[^\n]*/y,
      plainComment,
      /'(?:[^'\\]|''|\\[\s\S])*'/y,
      /"(?:[^"\\]|""|\\[\s\S])*"/y,
      backquotedName,
    ],
    foreign: /\?/y,
    numbered: false,
  },
  sqlite: {
    placeholder: '?1',
    opaque: [/--[^\n]*/y, plainComment, standardString, standardName, backquotedName, /\[[^\]]*\]/y],
    foreign: /\?\d*|[@$][A-Za-z_]\w*/y,
    numbered: true,
  },
};

const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const parameter = /:([A-Za-z_]\w*)/y;
/** `::type` and `:=` are operators, not parameters. */
const colonOperator = /::|:=/y;
const firstWords = ['select', 'with', 'values', 'table'];

/**
 * Translates `:userid` outside of literals, quoted names, comments and dollar quotes; a closing semicolon is removed.
 *
 * @throws {SqlTextFault} for several statements, a statement other than a query, no `:userid`, another placeholder, an unterminated literal or comment, a comment that MySQL executes, and for
 * signs that a program was meant to insert the userid into the text.
 */
export function bindUserid(text: string, system: SqlSystem): BoundQuery {
  const dialect = dialects[system];
  let bound = '';
  let placeholders = 0;
  let firstWord: string | null = null;
  let ended = false;
  for (let at = 0; at < text.length; ) {
    const opaque = readOpaque(text, at, system);
    if (opaque !== null) {
      if (!isComment(opaque)) {
        assertAlone(ended);
        assertNoTemplate(opaque);
      }
      // Whatever follows the final semicolon is dropped with it, because it can only be comments.
      if (!ended) bound += opaque;
      at += opaque.length;
      continue;
    }
    const [token] = matchAt(colonOperator, text, at) ?? matchAt(word, text, at) ?? [text[at] ?? ''];
    const [named, name] = matchAt(parameter, text, at) ?? [];
    if (/\S/.test(token)) assertAlone(ended);
    if (named !== undefined && token === ':') {
      if (name !== 'userid') throw new SqlTextFault(`has the placeholder ${named}; only :userid is bound`);
      bound += dialect.placeholder;
      placeholders++;
      at += named.length;
      continue;
    }
    assertNoForeignPlaceholder(text, at, dialect);
    if (token === ';') ended = true;
    else bound += token;
    if (firstWord === null && /^\w/.test(token)) firstWord = token.toLowerCase();
    at += token.length;
  }
  if (firstWord === null || !firstWords.includes(firstWord)) {
    throw new SqlTextFault('must begin with SELECT, WITH, VALUES or TABLE: lookups are read-only');
  }
  if (placeholders === 0) {
    throw new SqlTextFault('has no :userid outside quotes and comments, so every user would get the same result');
  }
  return { text: bound.trim(), placeholders: dialect.numbered ? 1 : placeholders };
}

/** Returns the comment, literal or quoted name that begins at this position; `null`: none does. */
function readOpaque(text: string, at: number, system: SqlSystem): string | null {
  if (system === 'postgresql' && text.startsWith('/*', at)) return readNestedComment(text, at);
  if (system === 'mysql' && /^\/\*M?!/.test(text.slice(at, at + 4))) {
    throw new SqlTextFault(
      'has a comment that begins with /*! or /*M!, which MySQL or MariaDB executes. Write it as plain SQL',
    );
  }
  for (const pattern of dialects[system].opaque) {
    const [found] = matchAt(pattern, text, at) ?? [];
    if (found !== undefined) return found;
  }
  const begins = system === 'postgresql' ? /^(?:[Ee]?'|")/ : /^(?:\/\*|['"`])/;
  const unfinished = begins.test(text.slice(at, at + 2));
  if (unfinished)
    throw new SqlTextFault(`has a literal or comment that does not end: it begins at character ${at + 1}`);
  return null;
}

/** Returns the comment that begins at `from`. PostgreSQL's comments nest. */
function readNestedComment(text: string, from: number): string {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return text.slice(from, mark.lastIndex);
  }
  throw new SqlTextFault(`has a literal or comment that does not end: it begins at character ${from + 1}`);
}

function isComment(opaque: string): boolean {
  return /^(?:--|#|\/\*)/.test(opaque);
}

function assertAlone(ended: boolean): void {
  if (ended) throw new SqlTextFault('has more than one statement; keep one');
}

function assertNoTemplate(literal: string): void {
  const content = literal.slice(1, -1);
  if (/:userid\b|\{\s*userid\s*\}|%\(userid\)/.test(content) || /\$\{/.test(content) || /^%?%s%?$/.test(content)) {
    throw new SqlTextFault(
      'has a placeholder inside quotes, where it is not bound. Write :userid without quotes, as in login = :userid',
    );
  }
}

function assertNoForeignPlaceholder(text: string, at: number, { foreign }: Dialect): void {
  const [found] = matchAt(foreign, text, at) ?? [];
  if (found !== undefined) throw new SqlTextFault(`has the placeholder ${found}; write :userid`);
  if (/^\$\{/.test(text.slice(at, at + 2)) || /^%(?:s\b|\()/.test(text.slice(at, at + 3))) {
    throw new SqlTextFault(
      'has a template placeholder, but values are only bound, never inserted as text. Write :userid',
    );
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
