// Parser of WWW-Authenticate (RFC 9110 section 11.6.1): schemes and their parameters.

/** One authentication scheme that an endpoint offers. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Map from parameter name in lower case to value; a quoted value keeps its quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const parameter =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[^"\\]|\\.)*")(?=[ \t]*(?:,|$))/y;
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
/** Matches a comma after which the same challenge continues, because a parameter follows rather than a scheme. */
const nextParameter = /[ \t]*,[ \t]*(?=[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*[^\s=,])/y;

/** Returns the challenges of a header; null if it is not a list of challenges. Repeated headers are joined by commas beforehand. */
export function readChallenges(header: string): readonly Challenge[] | null {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const challenges: Challenge[] = [];
  for (;;) {
    take(/[ \t,]*/y);
    if (at >= header.length) return challenges;
    const scheme = take(token)?.[0].toLowerCase();
    if (scheme === undefined) return null;
    const parameters = new Map<string, string>();
    if (take(/ +(?=[^ \t,])/y)) {
      let found = take(parameter);
      if (!found && !take(token68)) return null;
      while (found) {
        parameters.set((found[1] ?? '').toLowerCase(), found[2] ?? '');
        found = take(nextParameter) ? take(parameter) : null;
      }
    }
    if (!take(/[ \t]*(?:,|$)/y)) return null;
    challenges.push({ scheme, parameters });
  }
}
