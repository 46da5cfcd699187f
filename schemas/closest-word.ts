// Suggestion for "did you mean".
import { distance } from 'fastest-levenshtein';

/**
 * Returns the candidate that `word` was probably meant to be, ignoring letter case: the nearest, or one that begins with it; `null` if there is none.
 */
export function findClosestWord(word: string, candidates: Iterable<string>): string | null {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const known = [...candidates];
  let closest: string | null = null;
  let least = limit + 1;
  for (const candidate of known) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    // A short word is within two edits of any other, so some of it has to match.
    if (steps < least && steps < Math.min(word.length, candidate.length)) {
      closest = candidate;
      least = steps;
    }
  }
  return closest ?? known.find((candidate) => isBeginningOf(word, candidate)) ?? null;
}

/**
 * Returns whether a word begins a candidate, as "password" begins "passwordFile": so many letters are missing that the word cannot be a typing error.
 */
function isBeginningOf(word: string, candidate: string): boolean {
  return word.length >= 4 && candidate.toLowerCase().startsWith(word.toLowerCase());
}

/** Returns `; did you mean "mtls"?`, or nothing. */
export function suggest(closest: string | null): string {
  return closest === null ? '' : `; did you mean "${closest}"?`;
}
