// Owns finding header fields that two readers could read in two ways, of those that Node's parser lets through.
import type { IncomingMessage } from 'node:http';

/**
 * Says whether a request has more than one Host or Authorization field, or no Host (RFC 9112, 3.2; RFC 9110, 5.3). Node
 * keeps the first of several and drops the rest silently; something in front may have checked the last.
 */
export function hasAmbiguousHeaders(request: IncomingMessage): boolean {
  const { rawHeaders } = request;
  let hosts = 0;
  let authorizations = 0;
  // The length tells most names apart without a copy of each in lower case.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations += 1;
  }
  // HTTP/1.0 knows no Host.
  const hostIsClear = hosts === 1 || (hosts === 0 && request.httpVersionMinor === 0);
  return !hostIsClear || authorizations > 1;
}
