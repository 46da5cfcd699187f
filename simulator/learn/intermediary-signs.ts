// Signs of a proxy or load balancer in front of the endpoint, worded for a question to the operator.
import type { RequestFacts } from './recorded-request.ts';

/** Returns e.g. ["header via", "HTTP/1.0"]; empty: there is no sign. */
export function findIntermediarySigns(requests: readonly RequestFacts[]): readonly string[] {
  const headers = new Set(requests.flatMap(({ forwardingHeaders }) => forwardingHeaders));
  return [
    ...[...headers].map((name) => `header ${name}`),
    ...(requests.some(({ transport }) => transport.httpVersion === '1.0') ? ['HTTP/1.0'] : []),
    ...(requests.some(({ isFromPlatform }) => isFromPlatform === false)
      ? ['an address other than --platform-address']
      : []),
  ];
}
