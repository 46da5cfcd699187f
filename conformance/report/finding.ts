// A finding as text: what was sent, expected and received, and what to change. It never contains names, values, user ids or credentials.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { Nonconformity } from '../nonconformity.ts';
import type { Finding } from './finding-parts.ts';

export type { Finding } from './finding-parts.ts';

const expectations = new AsyncLocalStorage<Set<string>>();

/** Runs `work`, and adds each expectation of its checks to `expected` once, whether or not it is met. */
export function collectExpectations<Result>(expected: Set<string>, work: () => Promise<Result>): Promise<Result> {
  return expectations.run(expected, work);
}

/** Throws Nonconformity, a subclass of chai's AssertionError, with the finding unless `conforms`. */
export function assertConforms(conforms: boolean, finding: Finding): void {
  expectations.getStore()?.add(finding.expected);
  // chai's own comparisons would quote the compared values, which may be user data.
  if (!conforms) throw new Nonconformity(finding);
}

/** Returns the media type of a response in lower case, e.g. "application/json"; null if it is missing or malformed. */
export function findMediaType(answer: Answer): string | null {
  return (
    /^\s*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)\s*(?:;|,|$)/
      .exec(answer.header('content-type') ?? '')?.[1]
      ?.toLowerCase() ?? null
  );
}

/** Media types that a message may name. Any other media type is text from the endpoint, which may contain user data or a secret. */
const namedMediaTypes: ReadonlySet<string> = new Set([
  ...['application/json', 'application/problem+json', 'application/hal+json', 'application/ld+json', 'text/json'],
  ...['application/vnd.api+json', 'application/scim+json', 'application/x-ndjson', 'application/xml', 'text/xml'],
  ...[
    'application/problem+xml',
    'application/soap+xml',
    'application/xhtml+xml',
    'text/html',
    'text/plain',
    'text/csv',
  ],
  ...['text/css', 'text/javascript', 'application/javascript', 'application/octet-stream', 'application/pdf'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data', 'text/event-stream', 'image/png', 'image/svg+xml'],
]);

/** Returns the media type of a response as text without the endpoint's own words. */
export function describeMediaType(answer: Answer): string {
  const mediaType = findMediaType(answer);
  if (mediaType === null) return 'no content type';
  return namedMediaTypes.has(mediaType) ? mediaType : 'an uncommon content type';
}

/** Describes a response without its content, e.g. "status 200 with text/html". */
export function describeAnswer(answer: Answer): string {
  const status = `status ${answer.status}`;
  if (answer.body.length === 0) return `${status} without a body`;
  return findMediaType(answer) === null
    ? `${status} without a content type`
    : `${status} with ${describeMediaType(answer)}`;
}

/** Throws Untestable if a response is not a refusal: the check `coveredBy` reports it. */
export function assumeRefused(answer: Answer, coveredBy: string): void {
  if (answer.status === 200) throw new Untestable(`The request was not refused: see ${coveredBy}.`);
}
