// Cross-field rules of the listeners.
import { isLoopbackHost } from '../../schemas/loopback.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { faultAt, findNetworkFaults } from './cross-field-rule.ts';

export const listenerRules: readonly CrossFieldRule[] = [
  {
    reads: ['listener.host', 'listener.tls'],
    findFaults: ({ listener }) =>
      listener.tls || isLoopbackHost(listener.host)
        ? []
        : [
            faultAt(
              'listener.host',
              'without listener.tls, only a loopback address is allowed (127.0.0.1, ::1, localhost): passwords would be sent unencrypted. Add listener.tls',
            ),
          ],
  },
  {
    reads: ['listener.tls'],
    findFaults: ({ listener: { tls } }) =>
      tls && tls.crl.length > 0 && tls.clientCa.length === 0
        ? [faultAt('listener.tls.crl', 'revokes certificates of listener.tls.clientCa, which is empty')]
        : [],
  },
  {
    reads: ['listener.trustProxy.addresses'],
    findFaults: ({ listener: { trustProxy } }) =>
      findNetworkFaults('listener.trustProxy.addresses', trustProxy?.addresses ?? []),
  },
  {
    reads: ['listener.host', 'listener.port', 'administration'],
    findFaults: ({ listener, administration }) =>
      administration &&
      administration.port !== 0 &&
      administration.port === listener.port &&
      sharesAddress(administration.host, listener.host)
        ? [faultAt('administration.port', 'is the port of the listener. Choose another one')]
        : [],
  },
];

function sharesAddress(a: string, b: string): boolean {
  const isWildcard = (host: string) => host === '0.0.0.0' || host === '::';
  return a === b || isWildcard(a) || isWildcard(b);
}
