// Structure of the stored findings of testssl.sh.
import { join } from 'node:path';

export interface TlsFinding {
  /** The tool's permanent name of the test, e.g. "SSLv3" or "BEAST". */
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

export interface TlsAudit {
  readonly tool: string;
  /** Version of the OpenSSL in Node, which implements TLS. */
  readonly openssl: string;
  readonly findings: readonly TlsFinding[];
}

export const tlsAuditFile = join(import.meta.dirname, '../../docs/security/testssl.json');

/** Severities of accepted findings; all others have to be fixed, or show that the scan was incomplete. */
const harmless = ['OK', 'INFO', 'LOW'];

export function aboveLow({ findings }: TlsAudit): readonly TlsFinding[] {
  return findings.filter(({ severity }) => !harmless.includes(severity));
}
