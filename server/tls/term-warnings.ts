// Warnings about certificates and CRLs that are about to expire.

import type { ServerLog } from '../observability/logger.ts';
import { type CertificateTerm, daysLeft } from './certificate-terms.ts';

/** Thresholds: a warning is logged when one of them is passed, and at startup if one has already been passed. */
const warnAtDays = [30, 14, 7, 1, 0] as const;
const checkEveryMs = 6 * 3_600_000;

export interface TermWarnings {
  /** Checks the terms now; warns once for each that has passed a threshold since the last check. */
  check(nowMs: number): void;
  close(): void;
}

/** Checks at once, and several times a day, because the clock may be wrong at first. */
export function watchTerms(terms: () => readonly CertificateTerm[], logger: ServerLog['logger']): TermWarnings {
  /** Map from use and end of validity to the last threshold with a warning. */
  const warned = new Map<string, number>();

  function check(nowMs: number): void {
    for (const term of terms()) {
      const days = daysLeft(term, nowMs);
      const passed = warnAtDays.findLast((threshold) => days <= threshold);
      const name = `${term.use} ${term.endsAtMs}`;
      if (passed === undefined || passed === warned.get(name)) continue;
      warned.set(name, passed);
      const details = {
        certificate: term.use,
        endsAt: new Date(term.endsAtMs).toISOString(),
        daysLeft: Math.floor(days),
      };
      if (passed === 0) logger.error(details, `${whatOf[term.use]} has expired: ${remedies[term.use]}`);
      else
        logger.warn(
          details,
          `${whatOf[term.use]} expires within ${passed === 1 ? 'a day' : `${passed} days`}: ${remedies[term.use]}`,
        );
    }
  }

  check(Date.now());
  const timer = setInterval(() => check(Date.now()), checkEveryMs).unref();
  return { check, close: () => clearInterval(timer) };
}

const whatOf: Readonly<Record<CertificateTerm['use'], string>> = {
  server: 'a certificate of listener.tls.certificate',
  'client-ca': 'a certificate of listener.tls.clientCa',
  crl: 'a CRL of listener.tls.crl',
};

const remedies: Readonly<Record<CertificateTerm['use'], string>> = {
  server:
    'clients reject an expired certificate. Replace the file; it is reloaded automatically unless reload.watch is false',
  'client-ca': 'clients with certificates of an expired CA are rejected. Add the new CA to the file',
  crl: 'with an expired CRL, every client certificate of its CA is rejected. Install the next CRL',
};
