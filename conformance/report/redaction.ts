// Redaction of text that an endpoint controls, and of finished reports: no secret leaves the process, in any encoding that the kit can decode.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { holdsSecret } from './secret-search.ts';

/** Replaces or withholds what holds a secret. */
export type Redact = (text: string, bytes?: Buffer) => string;

/** Takes the place of a text that holds a secret which cannot be cut out of it. */
export const withheld = '(withheld: it contains a secret of this run)';

/** A shorter secret is not replaced where it stands: what is left of the text would show it. */
const minReplacedLength = 6;

/** Replaces each secret by the shell variable that stands for it. Withholds a text that still holds one: encoded, in another letter case, or a short one. */
export function createRedact(secrets: ReadonlyMap<string, string>): Redact {
  const values = [...secrets.keys()].filter((secret) => secret !== '');
  const replaced = values.filter((secret) => secret.length >= minReplacedLength);
  /** Most answers of a run are the same, and decoding them takes milliseconds. */
  const known = new Map<string, string>();
  const maxKnown = 1000;

  function redactAnew(text: string, bytes: Buffer | undefined): string {
    let visible = text;
    for (const secret of replaced) visible = visible.replaceAll(secret, `$${secrets.get(secret)}`);
    if (holdsSecret(visible, values)) return withheld;
    return bytes !== undefined && holdsSecret(bytes, values) ? withheld : visible;
  }

  return (text, bytes) => {
    // Bytes in another character encoding than UTF-8 have lost part of their meaning in the text.
    if (bytes !== undefined && /[\uFFFD\0]/.test(text)) return redactAnew(text, bytes);
    const found = known.get(text);
    if (found !== undefined) return found;
    const redacted = redactAnew(text, undefined);
    if (known.size < maxKnown) known.set(text, redacted);
    return redacted;
  };
}

/** A shorter value, e.g. the user id `ada`, may well be a part of the kit's own words. */
const minSearchedLength = 8;

/**
 * The report without secrets in what was found, whatever a check wrote into it.
 *
 * The kit's own words are not searched, and a secret that is a part of them, e.g. `password`, is not searched for: replacing it there would show it.
 *
 * @param ownWords every text that the kit writes by itself.
 */
export function redactReport(
  report: ConformanceReport,
  secrets: ReadonlyMap<string, string>,
  ownWords: string,
): ConformanceReport {
  const searched = [...secrets].filter(([value]) => value.length >= minSearchedLength && !ownWords.includes(value));
  const redact = createRedact(new Map(searched));
  return {
    ...report,
    ...(report.reason === undefined ? {} : { reason: redact(report.reason) }),
    checks: report.checks.map((check) => ({
      ...check,
      message: redact(check.message),
      evidence: check.evidence.map((evidence) => ({ ...evidence, answered: redact(evidence.answered) })),
    })),
    leftOut: report.leftOut.map((text) => redact(text)),
  };
}
