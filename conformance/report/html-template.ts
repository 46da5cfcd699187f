// HTML template tag: values are escaped unless they are HTML from a template themselves.

/** HTML that was created by `html`, and is inserted into other templates unchanged. */
export class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | SafeHtml | null | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function toText(part: Part): string {
  if (part === null) return '';
  if (part instanceof SafeHtml) return part.text;
  if (typeof part === 'object') return part.map(toText).join('');
  return String(part).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * Renders a template whose values are safe between tags and inside quoted attributes; `null` renders nothing, and the items of a list are
 * concatenated.
 */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): SafeHtml {
  return new SafeHtml(fixed.map((text, index) => text + toText(parts[index] ?? null)).join(''));
}
