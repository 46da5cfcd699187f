// Maps a failure of the network or of the server to a SourceError with its message.
import { SourceError, type SourceErrorKind } from '../../user-source.ts';
import { DirectoryRefusal } from '../directory.ts';

/** The connection failed, so another connection or another server may succeed. */
export class TransportFault extends SourceError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options);
  }
}

/** Returns the error of a lookup whose caller stopped waiting. */
export function givenUp(): SourceError {
  return new SourceError('unavailable', 'The lookup was canceled.');
}

/** The server rejects the bind account. Repeated attempts would lock it. */
export class BindRefused extends SourceError {
  readonly resultCode: number;

  constructor(message: string, resultCode: number) {
    super('unavailable', message);
    this.resultCode = resultCode;
  }
}

/** Result codes (RFC 4511, appendix A) as text. The server's own text is not shown, because it names entries. */
const results: Readonly<Record<number, readonly [kind: SourceErrorKind, words: string]>> = {
  1: ['unavailable', 'operationsError; the connection may no longer be bound'],
  2: ['bad-answer', 'protocolError'],
  3: ['too-slow', 'timeLimitExceeded'],
  4: [
    'bad-answer',
    'sizeLimitExceeded, so the result is incomplete; raise the size limit of the account (OpenLDAP: size.prtotal, counted over all pages), or set pageSize if it is 0',
  ],
  7: ['unavailable', 'authMethodNotSupported'],
  8: ['unavailable', 'strongerAuthRequired; use ldaps:// or startTls'],
  10: ['bad-answer', 'referral: the base is on another server; set urls to that server'],
  11: ['bad-answer', "adminLimitExceeded, so the result is incomplete; check that the filter's attributes are indexed"],
  12: ['bad-answer', 'unavailableCriticalExtension; set pageSize to 0 if the server does not support paging'],
  13: ['unavailable', 'confidentialityRequired; use ldaps:// or startTls'],
  18: ['bad-answer', 'inappropriateMatching; the attribute does not support this comparison'],
  32: ['bad-answer', 'noSuchObject: the base does not exist, or is not visible to this account'],
  34: ['bad-answer', 'invalidDNSyntax'],
  49: ['unavailable', 'invalidCredentials'],
  50: ['bad-answer', 'insufficientAccessRights; grant the bind account read access'],
  51: ['unavailable', 'busy'],
  52: ['unavailable', 'unavailable'],
  53: ['bad-answer', 'unwillingToPerform'],
};

/**
 * Returns the error for a search that ended with a code other than 0.
 *
 * @param purpose as in `DirectorySearch`.
 * @param pageSize page size of a paged search; 0: no paging.
 */
export function searchRefused(purpose: string, code: number, pageSize: number): DirectoryRefusal {
  const [kind, usual] = results[code] ?? ['bad-answer', 'an unexpected result code'];
  // OpenLDAP responds with this code to a request for a page that is larger than the account's limit (size.pr).
  const words =
    code === 11 && pageSize > 0
      ? `adminLimitExceeded; set source.pageSize (${pageSize}) to the account's page limit or less (size.pr in OpenLDAP), or index the attributes of the filter`
      : usual;
  return new DirectoryRefusal(kind, `The server rejected the search for ${purpose}: ${words} (${code}).`, code);
}

export function bindRefused(url: string, code: number): BindRefused {
  const [, words] = results[code] ?? ['', 'an unexpected result code'];
  return new BindRefused(`${url} rejected the bind: ${words} (${code}); compare source.bind with the directory.`, code);
}

/** Returns the error for a failure to connect, to verify the server, or to keep the connection. */
export function transportFault(url: string, error: unknown): TransportFault {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? 'no code';
  return new TransportFault(`${url}: ${networkMessages[code] ?? describeTls(code)} (${code}).`, { cause: error });
}

const networkMessages: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on this port',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ENOTFOUND: 'the host name cannot be resolved',
  EAI_AGAIN: 'the DNS server does not respond',
  ETIMEDOUT: 'the connection timed out',
  ENOENT: 'a file named in source.tls is missing',
  EACCES: 'a file named in source.tls cannot be read',
};

function describeTls(code: string): string {
  if (/CERT|SIGNATURE|ISSUER|ALTNAME|CRL/.test(code))
    return 'a certificate was rejected or is missing; check ca, serverName and certificate in source.tls';
  return /SSL|TLS|OSSL|PEM/.test(code) ? 'TLS failed' : 'the connection failed';
}
