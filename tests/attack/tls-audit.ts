// Shape of the stored findings of testssl.sh.
import { join } from 'node:path';

export interface TlsFinding {
  /** The tool's permanent name for what it looked at, e.g. "SSLv3" or "BEAST". */
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

export interface TlsAudit {
  readonly tool: string;
  /** The OpenSSL inside Node, which is what speaks TLS. */
  readonly openssl: string;
  readonly findings: readonly TlsFinding[];
}

export const tlsAuditFile = join(import.meta.dirname, '../../docs/security/testssl.json');

/** What may stay: all else has to be mended, or the scan was not whole. */
const harmless = ['OK', 'INFO', 'LOW'];

export function aboveLow({ findings }: TlsAudit): readonly TlsFinding[] {
  return findings.filter(({ severity }) => !harmless.includes(severity));
}
