// Redaction of text that an endpoint controls, and of finished reports: no secret leaves the process in any encoding that the kit can decode.
import type { ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { holdsSecret } from './secret-search.ts';

/** Replaces or withholds text that contains a secret. */
export type Redact = (text: string, bytes?: Buffer) => string;

/** Replacement for a text from which the secret cannot be removed separately. */
export const withheld = '(withheld: it contains a secret of this run)';

/** A shorter secret is not replaced in place: the rest of the text would reveal it. */
const minReplacedLength = 6;

/**
 * Replaces each secret with its shell variable. Withholds a text that still contains a secret, e.g. an encoded one, one in a different letter case,
 * or a short one.
 */
export function createRedact(secrets: ReadonlyMap<string, string>): Redact {
  const values = [...secrets.keys()].filter((secret) => secret !== '');
  const replaced = values.filter((secret) => secret.length >= minReplacedLength);
  /** Most responses of a run are equal, and decoding them takes milliseconds. */
  const known = new Map<string, string>();
  const maxKnown = 1000;

  function redactAnew(text: string, bytes: Buffer | undefined): string {
    let visible = text;
    for (const secret of replaced) visible = visible.replaceAll(secret, `$${secrets.get(secret)}`);
    if (holdsSecret(visible, values)) return withheld;
    return bytes !== undefined && holdsSecret(bytes, values) ? withheld : visible;
  }

  return (text, bytes) => {
    // If bytes are in a character encoding other than UTF-8, their text no longer contains all of their information.
    if (bytes !== undefined && /[\uFFFD\0]/.test(text)) return redactAnew(text, bytes);
    const found = known.get(text);
    if (found !== undefined) return found;
    const redacted = redactAnew(text, undefined);
    if (known.size < maxKnown) known.set(text, redacted);
    return redacted;
  };
}

/** A shorter value, e.g. the user id `ada`, may be part of the kit's own text. */
const minSearchedLength = 8;

/**
 * Returns the report without secrets in findings, whatever a check wrote into it.
 *
 * The kit's own text is not searched, and a secret that is part of it, e.g. `password`, is not searched for: replacing it there would reveal
 * it.
 *
 * @param ownTexts all texts that the kit itself writes.
 */
export function redactReport(
  report: ConformanceReport,
  secrets: ReadonlyMap<string, string>,
  ownTexts: string,
): ConformanceReport {
  const searched = [...secrets].filter(([value]) => value.length >= minSearchedLength && !ownTexts.includes(value));
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
