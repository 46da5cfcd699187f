// Shell text for a user id derived from a given one, so that a curl line can reproduce it without showing the given id.

/** Longer names are not compared, because the comparison takes quadratic time. */
const maxTokens = 400;

/** Share of the shorter name that both must have in common for one to be considered derived from the other. */
const minCommonShare = 0.6;

/** Shorter text does not identify a name, because it shares letters with almost any name. */
const minTokens = 3;

/** Splits percent-encoded text into letters and escapes. */
const toTokens = (encoded: string) => encoded.match(/%[0-9A-Fa-f]{2}|./gs) ?? [];

/** Returns the common form of two tokens, ignoring letter case; an escape is compared unchanged. */
const fold = (token: string) => (token.length === 1 ? token.toLowerCase() : token);

/** Finds the longest common subsequence of two lists of tokens, as pairs of positions. */
function findCommon(made: readonly string[], given: readonly string[]): (readonly [made: number, given: number])[] {
  const width = given.length + 1;
  const lengths = new Uint16Array((made.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  const isSame = (row: number, column: number) => fold(made[row] ?? '') === fold(given[column] ?? '');
  for (let row = made.length - 1; row >= 0; row--) {
    for (let column = given.length - 1; column >= 0; column--) {
      lengths[row * width + column] = isSame(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let row = 0, column = 0; row < made.length && column < given.length; ) {
    if (isSame(row, column)) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
}

/** A piece of the derived name: the kit's own text, or letters of the given name, in the same or the other letter case. */
type Piece =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'same' | 'toupper' | 'tolower'; readonly from: number; length: number };

function findPieces(made: readonly string[], given: readonly string[], common: ReturnType<typeof findCommon>): Piece[] {
  const places = new Map(common);
  /** Position of each token in the given name, counted from 1 as in awk. */
  const starts: number[] = [];
  for (let at = 1, index = 0; index < given.length; at += given[index++]?.length ?? 0) starts.push(at);
  const pieces: Piece[] = [];
  for (const [index, token] of made.entries()) {
    const last = pieces.at(-1);
    const place = places.get(index);
    if (place === undefined) {
      if (last?.kind === 'text') last.text += token;
      else pieces.push({ kind: 'text', text: token });
      continue;
    }
    const kind = token === given[place] ? 'same' : token === token.toUpperCase() ? 'toupper' : 'tolower';
    const from = starts[place] ?? 1;
    if (last && last.kind !== 'text' && last.kind === kind && last.from + last.length === from)
      last.length += token.length;
    else pieces.push({ kind, from, length: token.length });
  }
  return pieces;
}

function writeAwk(pieces: readonly Piece[], givenLength: number): string {
  const parts = pieces.map((piece) => {
    // A quote would end the awk program or the string in it.
    if (piece.kind === 'text') return `"${piece.text.replaceAll("'", '\\047').replaceAll('"', '\\042')}"`;
    const isRest = piece.from + piece.length > givenLength;
    const slice = `substr($0, ${piece.from}${isRest ? '' : `, ${piece.length}`})`;
    return piece.kind === 'same' ? slice : `${piece.kind}(${slice})`;
  });
  return `awk '{print ${parts.join(' ')}}'`;
}

/**
 * Returns shell text for double quotes that prints `encoded`, percent-encoded text of a request, from the variable of the most similar given user id.
 * Null: none is similar, so the text is the kit's own and can be shown unchanged.
 *
 * @param given user ids by their shell variables; the variable VARIABLE_ENCODED contains the percent-encoded id.
 */
export function deriveEncoded(encoded: string, given: ReadonlyMap<string, string>): string | null {
  const made = toTokens(encoded);
  if (made.length < minTokens) return null;
  let best: { readonly share: number; readonly text: string } | null = null;
  for (const [userid, variable] of given) {
    if (userid === '') continue;
    const whole = encodeURIComponent(userid);
    const escaped = [...Buffer.from(userid)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    if (encoded.toLowerCase() === escaped) {
      const upper = encoded === escaped ? '' : ' | tr a-f A-F';
      return `$(printf %s "$${variable}" | od -An -v -tx1 | tr -d '\n' | tr ' ' %${upper})`.replace('\n', '\\n');
    }
    if (encoded.includes(whole)) {
      const show = (text: string) => deriveEncoded(text, given) ?? text.replace(/["\\$`]/g, '\\$&');
      return encoded.split(whole).map(show).join(`\${${variable}_ENCODED}`);
    }
    const tokens = toTokens(whole);
    if (made.length > maxTokens || tokens.length > maxTokens) continue;
    const common = findCommon(made, tokens);
    const share = common.length / Math.min(made.length, tokens.length);
    if (common.length === 0 || share < minCommonShare || (best !== null && share <= best.share)) continue;
    const pieces = findPieces(made, tokens, common);
    best = { share, text: `$(printf %s "$${variable}_ENCODED" | ${writeAwk(pieces, whole.length)})` };
  }
  return best?.text ?? null;
}
