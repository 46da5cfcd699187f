// Limit of requests per second from one address.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { addressOfConnection, type ClientAddress, clientNetworkOf } from '../http/client-address.ts';
import type { Authenticate } from './authenticate.ts';

/** Applies the limit before authentication; refusals are `too-many-requests` (429). */
export function limitRequests(
  authenticate: Authenticate,
  maxRequestsPerSecond: number,
  clientAddress: ClientAddress = addressOfConnection,
): Authenticate {
  if (maxRequestsPerSecond === 0) return authenticate;
  const limiter = new RateLimiterMemory({ points: maxRequestsPerSecond, duration: 1 });
  return async (request) => {
    try {
      await limiter.consume(clientNetworkOf(clientAddress(request)));
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      return { granted: false, code: 'too-many-requests' };
    }
    return authenticate(request);
  };
}
