// Encodings in which an endpoint may repeat a secret, for tests of the output of a process.

type Encode = (secret: string) => string;

const hexOf = (secret: string) => Buffer.from(secret).toString('hex');
const perByte = (secret: string, write: (hex: string) => string) =>
  (hexOf(secret).match(/../g) ?? []).map(write).join('');
const perCharacter = (secret: string, write: (code: number) => string) =>
  [...secret].map((character) => write(character.codePointAt(0) ?? 0)).join('');
const base64Of = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding);

/** The encoded secret; each form is printable ASCII without leading or trailing white space, so that it can also be part of a header. */
export const secretEncodings: Readonly<Record<string, Encode>> = {
  'as it is': (secret) => secret,
  'in capital letters': (secret) => secret.toUpperCase(),
  'JSON escapes': (secret) => perCharacter(secret, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  'JavaScript escapes': (secret) => perByte(secret, (hex) => `\\x${hex}`),
  'percent-encoded': (secret) => perByte(secret, (hex) => `%${hex}`),
  'percent-encoded twice': (secret) => perByte(secret, (hex) => `%25${hex.toUpperCase()}`),
  hexadecimal: hexOf,
  'hexadecimal in capital letters': (secret) => hexOf(secret).toUpperCase(),
  'hexadecimal with colons': (secret) => perByte(secret, (hex) => `${hex}:`),
  'hexadecimal within a byte': (secret) => `a${hexOf(secret)}`,
  base64: (secret) => base64Of(secret),
  'base64 one byte further': (secret) => base64Of(`a${secret}`),
  'base64 two bytes further': (secret) => base64Of(`ab${secret}`),
  'base64 behind other letters': (secret) => `x${base64Of(secret)}`,
  base64url: (secret) => base64Of(`\u00ff\u00fe${secret}?>`, 'base64url'),
  'base64 of base64': (secret) => base64Of(base64Of(secret)),
  'base64 of UTF-16': (secret) => Buffer.from(secret, 'utf16le').toString('base64'),
  'decimal references of HTML': (secret) => perCharacter(secret, (code) => `&#${code};`),
  'hexadecimal references of HTML': (secret) => perCharacter(secret, (code) => `&#x${code.toString(16)};`),
  'a list of byte values': (secret) => [...Buffer.from(secret)].join(','),
  'quoted-printable': (secret) => perByte(secret, (hex) => `=${hex.toUpperCase()}`),
};

/**
 * Returns the texts that no output may contain: each encoded form, including its variants with the special characters of JSON, XML and Markdown
 * escaped.
 */
function listForms(secret: string): string[] {
  const forms = Object.values(secretEncodings).flatMap((encode) => {
    // The first and last characters of a base64 form depend on the text around the secret.
    const encoded = encode(secret);
    return [encoded, /^[\w+/=-]{24,}$/.test(encoded) ? encoded.slice(4, -6) : encoded];
  });
  const written = forms.flatMap((form) => [
    form,
    JSON.stringify(form).slice(1, -1),
    form.replaceAll('&', '&amp;'),
    form.replace(/[\\`*_{}[\]()#+!|~>-]/g, '\\$&').replaceAll('&', '&amp;'),
  ]);
  return [...new Set(written.map((form) => form.toLowerCase()))];
}

/** Returns the forms of `secret` in `output`. */
export function findSecretForms(output: string, secret: string): string[] {
  const text = output.toLowerCase();
  return listForms(secret).filter((form) => text.includes(form));
}
