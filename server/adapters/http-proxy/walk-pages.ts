// Reader of a list, page by page: returns the complete list or throws an error.
import type { HttpPaginationConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import { type JsonPath, JsonPathFault } from './json-path.ts';
import { findNextLink } from './link-header.ts';
import { type JsonAnswer, type JsonRequest, type RequestContext, requestJson } from './request-json.ts';
import { findContradiction, listSigns, type Sign } from './signs-of-more.ts';

/** Result of one request. */
export interface Page {
  /** Path and query as sent. */
  readonly target: string;
  readonly items: readonly unknown[];
}

export interface ListRequest extends JsonRequest {
  /** Path and query of the first page. */
  readonly target: string;
  /** Position of the list in a response; `null`: the response is the only item. */
  readonly list: JsonPath | null;
  readonly pagination: CompiledPagination;
  /** A page with this number of items is full, and no second page is requested; `null`: not known. */
  readonly pageLimit: number | null;
}

/** The option `pagination` with its paths compiled. */
export type CompiledPagination = Exclude<HttpPaginationConfig, { type: 'cursor' }> | CursorPagination;

interface CursorPagination {
  readonly type: 'cursor';
  readonly path: JsonPath;
  readonly parameter: string;
}

/** Remaining limits of one lookup, across all its requests. */
export interface Budget {
  pages: number;
  bytes: number;
}

type Value = Extract<JsonAnswer, { kind: 'value' }>;

/**
 * Requests all pages.
 *
 * @param assertPage is called with each page before the next one is requested; its error ends the walk.
 * @returns `null`: not found, according to the status of the response to the first request.
 * @throws {SourceError} `bad-answer` if a response has no list, the pages do not end, repeat or lead to another origin, or the total differs from
 * the one that the upstream reports. Also throws the errors of `requestJson`.
 */
export async function walkPages(
  context: RequestContext,
  request: ListRequest,
  budget: Budget,
  signal: LookUpSignal,
  assertPage: (page: Page) => void = () => undefined,
): Promise<Page[] | null> {
  const pages: Page[] = [];
  const visited = new Set<string>();
  const progress: Progress = { count: 0, pages: 0, total: null, ids: new Set(), totals: [] };
  let target: string | null = firstTarget(request);
  while (target !== null) {
    if (visited.has(target)) throw refuse(request, 'has a next page that was already read');
    visited.add(target);
    spend(budget, 'pages', 1, request, 'exceeds the number of pages that maxPages allows for one lookup');
    // Pages are requested one after the other, because each contains the address of the next one.
    const answer: JsonAnswer = await requestJson(context, request, target, signal);
    if (answer.kind === 'not-found') {
      if (pages.length === 0) return null;
      throw refuse(request, 'was "not found" for a page after the first');
    }
    spend(budget, 'bytes', answer.bytes, request, 'exceeds the number of bytes that maxBytes allows for one lookup');
    const items = itemsOf(answer, request);
    const page = { target, items };
    assertPage(page);
    pages.push(page);
    progress.count += items.length;
    progress.pages += 1;
    target = nextTarget(answer, { request, target, origin: context.upstream.origin, items, progress });
  }
  return pages;
}

/** Position of a response in a list. */
interface Place {
  readonly request: ListRequest;
  readonly target: string;
  readonly origin: string;
  /** Of this page. */
  readonly items: readonly unknown[];
  readonly progress: Progress;
}

interface Progress {
  /** Items so far. */
  count: number;
  /** Pages so far. */
  pages: number;
  /** SCIM's totalResults on the first page. */
  total: number | null;
  /** Of SCIM's entries. */
  readonly ids: Set<string>;
  /** Total numbers of items or pages, found on any page; many APIs send them only on the first one. */
  readonly totals: Sign[];
}

function firstTarget({ target, pagination }: ListRequest): string {
  return pagination.type === 'scim' ? withScimPage(target, 1, pagination.pageSize) : target;
}

function itemsOf(answer: Value, request: ListRequest): readonly unknown[] {
  const { list, pagination } = request;
  if (list === null) return [answer.value];
  const found = find(list, answer.value, request);
  // RFC 7644, 3.4.2: Resources may be omitted if there are none.
  if (found === undefined && pagination.type === 'scim' && scimTotal(answer.value) === 0) return [];
  if (!Array.isArray(found)) throw refuse(request, `contains no list at ${describePath(list)}`);
  return found;
}

/** Returns `null` after the last page. @throws {SourceError} `bad-answer` if anything in the responses contradicts the result. */
function nextTarget(answer: Value, place: Place): string | null {
  const { request, progress } = place;
  const signs = listSigns(answer, request.list);
  const target = configuredTarget(answer, place);
  if (target !== null) {
    for (const sign of signs) if (sign.kind !== 'more') progress.totals.push(sign);
    return target;
  }
  const isFull =
    progress.count >= (request.pageLimit ?? Number.POSITIVE_INFINITY) &&
    !signs.some((sign) => sign.kind === 'total' && sign.number === progress.count);
  const contradiction =
    findContradiction([...signs, ...progress.totals], { items: progress.count, pages: progress.pages }) ??
    (isFull ? 'the response has as many items as the path of the request allows' : null);
  if (contradiction !== null) {
    throw refuse(
      request,
      `indicates further pages that pagination does not follow: ${contradiction}. Set the pagination of this API, or make it send the whole list at once`,
    );
  }
  return null;
}

/** Returns the target of the next page according to `pagination`; `null`: none. */
function configuredTarget(answer: Value, place: Place): string | null {
  const { request } = place;
  const { pagination } = request;
  switch (pagination.type) {
    case 'none':
      return null;
    case 'odata':
      return followLink(odataLink(answer.value), place);
    case 'link-header':
      return followLink(headerLink(answer), place);
    case 'scim':
      return nextScimPage(answer.value, pagination.pageSize, place);
    case 'cursor': {
      const cursor = find(pagination.path, answer.value, request);
      if (cursor === undefined || cursor === '' || cursor === false) return null;
      if (typeof cursor !== 'string' && typeof cursor !== 'number')
        throw refuse(request, 'has a cursor that is neither a string nor a number');
      return withParameters(request.target, { [pagination.parameter]: String(cursor) });
    }
  }
}

function nextScimPage(value: unknown, pageSize: number, { request, items, progress }: Place): string | null {
  const total = scimTotal(value);
  if (total === undefined)
    throw refuse(request, 'has no totalResults, which SCIM requires for lists (RFC 7644, 3.4.2)');
  progress.total ??= total;
  if (total !== progress.total) throw refuse(request, 'changed while its pages were being read (totalResults differs)');
  assertIsNextPage(value, { request, items, progress });
  if (progress.count > total) throw refuse(request, 'has more entries than its totalResults indicates');
  if (progress.count === total) return null;
  // A server may return fewer than `count` at a time, but each page must make progress.
  if (items.length === 0) throw refuse(request, 'has fewer entries than its totalResults indicates');
  return withScimPage(request.target, progress.count + 1, pageSize);
}

/** Throws if a page is not the requested one. Some servers ignore startIndex: they repeat the first page until the total count is reached. */
function assertIsNextPage(
  value: unknown,
  { request, items, progress }: Pick<Place, 'request' | 'items' | 'progress'>,
): void {
  const start = ownProperty(value, 'startIndex');
  if (start !== undefined && items.length > 0 && start !== progress.count - items.length + 1) {
    throw refuse(request, 'is not the requested page (startIndex differs)');
  }
  for (const item of items) {
    const id = ownProperty(item, 'id');
    if (typeof id !== 'string') continue;
    if (progress.ids.has(id))
      throw refuse(request, 'contains an entry twice. Check whether the upstream ignores startIndex');
    progress.ids.add(id);
  }
}

function withScimPage(target: string, startIndex: number, count: number): string {
  return withParameters(target, { startIndex: String(startIndex), count: String(count) });
}

function scimTotal(value: unknown): number | undefined {
  const total = ownProperty(value, 'totalResults');
  return typeof total === 'number' && Number.isSafeInteger(total) && total >= 0 ? total : undefined;
}

/** Names with and without "odata." (OData 4.01, 4.5), and the name in OData 3. `null`: two different links. */
const odataLinks = ['@odata.nextLink', '@nextLink', 'odata.nextLink'];

function odataLink(value: unknown): unknown {
  const links = new Set(odataLinks.map((name) => ownProperty(value, name) ?? undefined));
  links.delete(undefined);
  return links.size > 1 ? null : [...links][0];
}

/** Returns the link to the next page; `undefined`: there is none, `null`: the next page cannot be determined. */
function headerLink({ headers }: Value): string | null | undefined {
  const link = findNextLink(headers.link);
  if (link.kind === 'none') return undefined;
  return link.kind === 'next' ? link.target : null;
}

function ownProperty(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function followLink(link: unknown, { request, target, origin }: Place): string | null {
  if (link === undefined) return null;
  if (typeof link !== 'string') throw refuse(request, 'has a next link that is malformed, or two next links');
  let url: URL;
  try {
    url = new URL(link, `${origin}${target}`);
  } catch {
    throw refuse(request, 'has a next link that is not a URL');
  }
  // Credentials are sent with every request, so they must not be sent to another origin that a response names.
  if (url.origin !== origin || url.username !== '' || url.password !== '') {
    throw refuse(
      request,
      'has a next link to another origin or with credentials in the URL; such links are not followed',
    );
  }
  return `${url.pathname}${url.search}`;
}

function withParameters(target: string, parameters: Readonly<Record<string, string>>): string {
  const names = Object.keys(parameters);
  // Split at the first question mark: a query may contain more of them (RFC 3986, 3.4).
  const queryStart = target.indexOf('?');
  const [path, query] = queryStart < 0 ? [target, ''] : [target.slice(0, queryStart), target.slice(queryStart + 1)];
  const kept = query.split('&').filter((pair) => pair !== '' && !names.includes(pair.split('=', 1)[0] ?? ''));
  const added = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${path}?${[...kept, ...added].join('&')}`;
}

function spend(budget: Budget, what: keyof Budget, amount: number, request: JsonRequest, reason: string): void {
  budget[what] -= amount;
  if (budget[what] < 0) throw refuse(request, reason);
}

function find(path: JsonPath, value: unknown, request: JsonRequest): unknown {
  try {
    return path.find(value);
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
    throw refuse(request, `does not match the expression ${path.text}`);
  }
}

function describePath({ text }: JsonPath): string {
  return text === '' ? 'the top level' : text;
}

function refuse({ label }: JsonRequest, reason: string): SourceError {
  return new SourceError('bad-answer', `The upstream's response to ${label} ${reason}.`);
}
