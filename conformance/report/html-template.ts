// HTML template tag: values are escaped unless they are HTML of a template themselves.

/** HTML that was made by `html`, and is put into another template as it is. */
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

/** A tagged template. Safe between tags and inside quoted attributes; `null` is nothing, a list is its parts one after the other. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): SafeHtml {
  return new SafeHtml(fixed.map((text, index) => text + toText(parts[index] ?? null)).join(''));
}
