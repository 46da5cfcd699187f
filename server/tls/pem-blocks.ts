// Finds the blocks of a PEM text.

/** The blocks that have a label, each with its first and last line (RFC 7468); what stands between them is skipped. */
export function pemBlocksOf(text: string, label: 'CERTIFICATE' | 'X509 CRL'): string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}
