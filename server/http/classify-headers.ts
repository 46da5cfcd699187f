// Check for request heads that Node's parser accepts, but that two recipients could interpret differently.
import type { IncomingMessage } from 'node:http';

/**
 * Verdict on the header fields of a request. `ambiguous`: a proxy in front may have read a different request. `with-content`: content follows that
 * has no meaning here and whose end two recipients may see in different places. `plain`: all others.
 */
export type HeaderVerdict = 'ambiguous' | 'with-content' | 'plain';

/**
 * Treats as ambiguous: a version except 1.0 and 1.1, an absolute-form target with a scheme other than the connection's or a host other than the Host
 * field's, more than one Host or Authorization field, no Host in HTTP/1.1, an invalid Host (RFC 9112, 3.2; RFC 9110, 5.3), and a Transfer-Encoding
 * that is anything other than one `chunked`, or is used in HTTP/1.0 (RFC 9112, 6.1 and 6.3). Of several Host or Authorization fields, Node keeps the
 * first and drops the rest. Node notices only after the response has been sent that the content has no end.
 */
export function classifyHeaders(request: IncomingMessage): HeaderVerdict {
  const { rawHeaders, httpVersionMinor } = request;
  let hosts = 0;
  let authorizations = 0;
  let codings = 0;
  let host = '';
  let verdict: HeaderVerdict = 'plain';
  if (request.httpVersionMajor !== 1 || httpVersionMinor > 1) return 'ambiguous';
  // Comparing lengths first avoids a lower-case copy of most names.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts += 1;
      if (!isHost(value)) return 'ambiguous';
      host = value;
    } else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations += 1;
    else if (name.length === 14 && value !== '0' && name.toLowerCase() === 'content-length') verdict = 'with-content';
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      codings += 1;
      verdict = 'with-content';
      if (value.toLowerCase() !== 'chunked') return 'ambiguous';
    }
  }
  // HTTP/1.0 has neither Host nor transfer codings.
  const isOld = httpVersionMinor === 0;
  if (hosts > 1 || (hosts === 0 && !isOld) || authorizations > 1) return 'ambiguous';
  if (codings > 1 || (codings === 1 && isOld)) return 'ambiguous';
  if (!isTargetOf(request, host)) return 'ambiguous';
  return verdict;
}

/** Returns whether the target is a path, or in absolute form with the connection's scheme and the host of the Host field. */
function isTargetOf({ url = '', socket }: IncomingMessage, host: string): boolean {
  if (url.startsWith('/') || url === '*') return true;
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]*)/i.exec(url) ?? [];
  const ownScheme = 'encrypted' in socket ? 'https' : 'http';
  return scheme.toLowerCase() === ownScheme && authority !== '' && authority.toLowerCase() === host.toLowerCase();
}

/** The characters of a name, an address and a port, without user information (RFC 3986, 3.2.2 and 3.2.3). */
const hostPattern = /^(?:[\w.~%!$&'()*+,;=-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

/** Last valid host, cached because nearly all requests have the same host. */
let lastHost = '';

function isHost(value: string): boolean {
  if (value === lastHost) return true;
  if (!hostPattern.test(value)) return false;
  lastHost = value;
  return true;
}
