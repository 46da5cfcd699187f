// Escapes text for XML.
import { makeVisible } from '../../schemas/printable-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Returns the text of an element. Characters that XML cannot represent, such as control characters, are escaped, e.g. as `\u{1b}`. */
export function toXmlText(text: string): string {
  return makeVisible(text).replace(/[&<>]/g, (character) => entities[character] ?? '');
}

/** Renders ` name="value"` for each attribute that is set. */
export function toXmlAttributes(attributes: Readonly<Record<string, string | number>>): string {
  const write = (value: string | number) =>
    makeVisible(String(value)).replace(/[&<>"\n]/g, (character) => entities[character] ?? '');
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${write(value)}"`)
    .join('');
}
