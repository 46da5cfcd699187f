// Text from an endpoint in Markdown: as text or as code, never interpreted as Markdown or HTML.

/** Escapes text so that no part of it is Markdown or HTML. */
export function escapeText(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+!|~>-]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('\n', ' ');
}

/** Returns more backticks than any sequence of them in the text. */
function fenceFor(text: string, least: number): string {
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  return '`'.repeat(Math.max(least, ...runs.map((length) => length + 1)));
}

/** Returns text as code within a line. Nothing in code is interpreted as a link, a mention or HTML. */
export function code(text: string): string {
  const line = text.replaceAll('\n', ' ');
  const fence = fenceFor(line, 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** Returns text as a block of code. */
export function codeBlock(text: string): string {
  const fence = fenceFor(text, 3);
  return `${fence}text\n${text}\n${fence}`;
}
