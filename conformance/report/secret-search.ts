// Search for secrets in text that an endpoint controls, in every encoding that the kit can decode.

/** Decoding is repeated this many times: base64 of a percent-encoded text needs two rounds. */
const maxRounds = 3;
/** Characters of a decoded form beyond this number are not examined. Decoding base64 from four positions triples the length of a text. */
const maxFormLength = 65_536;

const namedEntities: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', excl: '!', num: '#', dollar: '$', percnt: '%' },
  ...{ lpar: '(', rpar: ')', ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';' },
  ...{ equals: '=', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']' },
  ...{ Hat: '^', lowbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}' },
};

function fromCodePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** Returns bytes decoded as UTF-8 and, if the result differs, as Latin-1, which preserves each byte. */
function readBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const latin1 = bytes.toString('latin1');
  return text === latin1 ? text : `${text}\n${latin1}`;
}

const shortEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Decodes backslash escapes of JSON, JavaScript and C. */
function decodeBackslashes(text: string): string {
  if (!text.includes('\\')) return '';
  return text.replace(
    /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([0-3][0-7]{2})|(.))/gis,
    (_match, braced?: string, four?: string, two?: string, octal?: string, plain?: string) => {
      if (plain !== undefined) return shortEscapes[plain] ?? plain;
      if (octal !== undefined) return fromCodePoint(Number.parseInt(octal, 8));
      return fromCodePoint(Number.parseInt(braced ?? four ?? two ?? '', 16));
    },
  );
}

/** Decodes bytes that are written as a marker followed by two hexadecimal digits. */
function decodeSigned(text: string, escapes: RegExp): string {
  // Latin-1 maps each byte to one character; any other character is replaced by its own bytes.
  const bytes = text
    .replace(/[^\0-\xff]/g, (character) => Buffer.from(character, 'utf8').toString('latin1'))
    .replace(escapes, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return readBytes(Buffer.from(bytes, 'latin1'));
}

/** Decodes percent-encoding, and form encoding with its plus signs. */
function decodePercent(text: string): string {
  return /[%+]/.test(text) ? decodeSigned(text.replaceAll('+', ' '), /%([0-9a-f]{2})/gi) : '';
}

function decodeQuotedPrintable(text: string): string {
  return text.includes('=') ? decodeSigned(text.replace(/=\r?\n/g, ''), /=([0-9a-f]{2})/gi) : '';
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return '';
  return text.replace(
    /&(?:#x([0-9a-f]{1,8})|#(\d{1,8})|([a-z]{2,8}));?/gi,
    (match, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return namedEntities[name] ?? namedEntities[name.toLowerCase()] ?? match;
      return fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );
}

/** Decodes sequences of hexadecimal digits, including forms such as `0x70, 0x61` or `70:61`. A sequence may begin in the middle of a byte. */
function decodeHex(text: string): string {
  return [...text.matchAll(/(?:(?:0x)?[0-9a-f]{1,2}[ :,-]{0,2}){3,}/gi)]
    .flatMap(([run]) => {
      const digits = run.replace(/0x|[ :,-]/gi, '');
      return [0, 1].map((start) => readBytes(Buffer.from(digits.slice(start), 'hex')));
    })
    .join('\n');
}

/** Decodes lists of byte values, e.g. the JSON of a Buffer. */
function decodeDecimals(text: string): string {
  return [...text.matchAll(/\d{1,3}(?:[\s,;]{1,3}\d{1,3}){2,}/g)]
    .map(([run]) => readBytes(Buffer.from((run.match(/\d+/g) ?? []).map(Number).filter((value) => value < 256))))
    .join('\n');
}

/** Decodes sequences of base64 and base64url, from each of the four positions at which a group of characters may begin. */
function decodeBase64(text: string): string {
  return [...text.replace(/[\r\n]/g, '').matchAll(/[A-Za-z0-9+/_-]{4,}/g)]
    .flatMap(([run]) => [0, 1, 2, 3].map((start) => readBytes(Buffer.from(run.slice(start), 'base64'))))
    .join('\n');
}

const decoders = [
  ...[decodeBackslashes, decodePercent, decodeQuotedPrintable, decodeEntities],
  ...[decodeHex, decodeDecimals, decodeBase64],
];

/**
 * Returns a text without differences that do not change how it reads: letter case, width of letters, white space and invisible characters.
 */
function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{C}\p{Z}\s]/gu, '');
}

/**
 * Returns the forms of a secret in decoded text: the secret itself, and its UTF-16 form read byte by byte. For ASCII, the latter is the same text
 * with NULs.
 */
function formsOf(secret: string): string[] {
  const wide = Buffer.from(secret, 'utf16le');
  return [secret, wide.toString('latin1'), Buffer.from(wide).swap16().toString('latin1')];
}

/**
 * Returns whether text or bytes contain one of `secrets`: unchanged, in another letter case or letter width, or encoded as JSON, percent-encoding,
 * HTML, hexadecimal, base64, a list of byte values or UTF-16, including nested encodings.
 */
export function holdsSecret(content: string | Buffer, secrets: Iterable<string>): boolean {
  const wanted = new Set([...secrets].flatMap(formsOf).map(fold));
  wanted.delete('');
  if (wanted.size === 0) return false;
  const seen = new Set<string>();
  let forms = [typeof content === 'string' ? content : readBytes(content)];
  for (let round = 0; round <= maxRounds && forms.length > 0; round++) {
    const decoded: string[] = [];
    for (const form of forms) {
      if (seen.has(form)) continue;
      seen.add(form);
      const folded = fold(form);
      if ([...wanted].some((secret) => folded.includes(secret))) return true;
      if (round < maxRounds) for (const decode of decoders) decoded.push(decode(form).slice(0, maxFormLength));
    }
    forms = decoded.filter((form) => form !== '');
  }
  return false;
}
