// Escapes text for XML.
import { makeVisible } from '../../schemas/printable-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** The text of an element. What XML can't hold at all, like a control character, is shown as `\u{1b}`. */
export function toXmlText(text: string): string {
  return makeVisible(text).replace(/[&<>]/g, (character) => entities[character] ?? '');
}

/** ` name="value"` of each attribute that is there. */
export function toXmlAttributes(attributes: Readonly<Record<string, string | number>>): string {
  const write = (value: string | number) =>
    makeVisible(String(value)).replace(/[&<>"\n]/g, (character) => entities[character] ?? '');
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${write(value)}"`)
    .join('');
}
