// Check of request heads that two recipients could read in two ways, of those that Node's parser accepts.
import type { IncomingMessage } from 'node:http';

/**
 * What the header fields of a request allow. `ambiguous`: something in front may have read another request. `with-content`:
 * content follows, which means nothing to us, and whose end two readers may see in two places. `plain`: all others.
 */
export type HeaderVerdict = 'ambiguous' | 'with-content' | 'plain';

/**
 * Ambiguous are a version other than 1.0 and 1.1, a target in absolute form with another scheme than the connection's or another
 * host than the Host field's, more than one Host or Authorization field, no Host, a Host that is none (RFC 9112, 3.2; RFC 9110, 5.3), and a
 * Transfer-Encoding that is anything else than one `chunked`, or stands in HTTP/1.0 (RFC 9112, 6.1 and 6.3). Node keeps the
 * first of several fields and drops the rest silently, and sees that content has no end only after the request was
 * answered.
 */
export function classifyHeaders(request: IncomingMessage): HeaderVerdict {
  const { rawHeaders, httpVersionMinor } = request;
  let hosts = 0;
  let authorizations = 0;
  let codings = 0;
  let host = '';
  let verdict: HeaderVerdict = 'plain';
  if (request.httpVersionMajor !== 1 || httpVersionMinor > 1) return 'ambiguous';
  // The length distinguishes most names without a copy of each in lower case.
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
  // HTTP/1.0 knows neither Host nor codings.
  const isOld = httpVersionMinor === 0;
  if (hosts > 1 || (hosts === 0 && !isOld) || authorizations > 1) return 'ambiguous';
  if (codings > 1 || (codings === 1 && isOld)) return 'ambiguous';
  if (!isTargetOf(request, host)) return 'ambiguous';
  return verdict;
}

/** Whether the target is a path, or in absolute form with the connection's scheme and the host of the Host field. */
function isTargetOf({ url = '', socket }: IncomingMessage, host: string): boolean {
  if (url.startsWith('/') || url === '*') return true;
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]*)/i.exec(url) ?? [];
  const ownScheme = 'encrypted' in socket ? 'https' : 'http';
  return scheme.toLowerCase() === ownScheme && authority !== '' && authority.toLowerCase() === host.toLowerCase();
}

/** RFC 3986, 3.2.2 and 3.2.3, without user information: what a name, an address and a port may be made of. */
const hostPattern = /^(?:[\w.~%!$&'()*+,;=-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

/** Nearly all requests name the same host. */
let lastHost = '';

function isHost(value: string): boolean {
  if (value === lastHost) return true;
  if (!hostPattern.test(value)) return false;
  lastHost = value;
  return true;
}
