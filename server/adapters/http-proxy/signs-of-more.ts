// Table of the signs by which a response shows that its list is incomplete, and the search for them.
import type { UpstreamAnswer } from './answer-collector.ts';
import type { JsonPath } from './json-path.ts';
import { findNextLink } from './link-header.ts';

/**
 * Kind of value that makes a key a sign.
 *
 * - `present`: a link, a token, a list of errors; not `null`, `false`, 0, -1, "" or an object of only such values.
 * - `true`, `false`: a flag, also as text.
 * - `total`: a number, also as text, greater than the number of items that were read.
 * - `exactTotal`: a number that differs from the number of items that were read.
 * - `pages`: a number greater than the number of pages that were read.
 */
type Meaning = 'present' | 'true' | 'false' | 'total' | 'exactTotal' | 'pages';

/** Keys beside a list. Letter case, `_`, `-`, `.` and `@` are ignored: `next_page_token` is `nextPageToken`. */
export const bodySigns: Readonly<Record<Meaning, readonly string[]>> = {
  present: [
    ...['next', 'nextLink', '@odata.nextLink', 'nextUrl', 'nextUri', 'nextHref', 'nextPath', 'nextPage'],
    ...['nextPageLink', 'nextPageUrl', 'nextPageUri', 'nextPageToken', 'nextPageCursor', 'nextPageId', 'nextPageKey'],
    ...['nextPageNumber', 'nextPageStart', 'nextToken', 'nextCursor', 'nextCursorStr', 'nextCursorMark', 'nextMarker'],
    ...['nextKey', 'nextOffset', 'nextStart', 'nextStartIndex', 'nextIndex', 'nextSkip', 'nextId', 'nextBatch'],
    ...['nextRecords', 'nextRecordsUrl', 'nextResults', 'nextResultsUrl', 'nextSet', 'nextChunk'],
    ...['nextContinuationToken', 'continuationToken', 'continuation', 'continue', 'skipToken', '@odata.skipToken'],
    ...['lastEvaluatedKey', 'exclusiveStartKey', 'resumptionToken', 'remainingItemCount', 'errors', 'error'],
  ],
  true: [
    ...['hasMore', 'hasNext', 'hasNextPage', 'hasNextLink', 'hasMoreItems', 'hasMoreResults', 'hasMoreRecords'],
    ...['hasMorePages', 'hasMoreData', 'more', 'moreItems', 'moreResults', 'moreResultsAvailable', 'moreRecords'],
    ...['moreAvailable', 'isMore', 'truncated', 'isTruncated', 'wasTruncated', 'resultsTruncated', 'partial'],
    ...['isPartial', 'partialResults', 'partialSuccess', 'incomplete', 'isIncomplete', 'incompleteResults'],
    ...['exceededTransferLimit', 'limitExceeded', 'sizeLimitExceeded', 'limitReached', 'timedOut', 'terminatedEarly'],
  ],
  false: [
    ...['isLast', 'last', 'isLastPage', 'lastPage', 'isEnd', 'endOfList', 'endOfRecords', 'endOfResults'],
    ...['complete', 'isComplete', 'isFinished', 'finished', 'done', 'exhausted', 'ok', 'success'],
  ],
  total: [
    ...['total', 'count', 'totalCount', 'totalItems', 'totalItemCount', 'totalItemsCount', 'totalElements'],
    ...['totalSize', 'totalRecords', 'totalRecordCount', 'totalRows', 'totalEntries', 'totalObjects', 'totalHits'],
    ...['totalMatches', 'totalResultCount', 'totalResultsCount', 'recordCount', 'recordsFiltered', 'resultCount'],
    ...['resultsCount', 'resultSize', 'itemCount', 'itemsCount', 'itemsTotal', 'numFound', 'foundRows', 'hitCount'],
  ],
  exactTotal: ['totalResults', '@odata.count'],
  pages: ['pages', 'totalPages', 'pageCount', 'pagesCount', 'pagesTotal', 'numPages', 'lastPage', 'maxPage'],
};

/** Objects beside a list, whose keys count as if they were beside the list themselves. */
export const containers: readonly string[] = [
  ...['meta', 'metadata', 'pagination', 'paginationInfo', 'paging', 'pagingInfo', 'pager', 'page', 'pageInfo'],
  ...['pageMeta', 'links', 'link', 'cursor', 'cursors', 'responseMetadata', 'responseHeader', 'searchMetadata', 'info'],
];

/** Headers besides Link. `contentRange`: `items 0-99/250` (RFC 9110, 14.4). `json`: an object with the keys above. */
export const headerSigns: ReadonlyMap<string, Meaning | 'contentRange' | 'json'> = new Map([
  ['x-next-page', 'present'],
  ['x-next-page-token', 'present'],
  ['x-next-cursor', 'present'],
  ['x-next-token', 'present'],
  ['x-continuation-token', 'present'],
  ['x-ms-continuationtoken', 'present'],
  ['x-ms-continuation', 'present'],
  ['x-has-more', 'true'],
  ['x-truncated', 'true'],
  ['x-total', 'total'],
  ['x-total-count', 'total'],
  ['x-total-results', 'total'],
  ['total-count', 'total'],
  ['x-total-pages', 'pages'],
  ['x-page-count', 'pages'],
  ['content-range', 'contentRange'],
  ['x-pagination', 'json'],
]);

/** One sign in a response. `more`: there are more items, however many were read. */
export type Sign =
  | { readonly kind: 'more'; readonly name: string }
  | { readonly kind: 'total'; readonly name: string; readonly number: number; readonly isExact: boolean }
  | { readonly kind: 'pages'; readonly name: string; readonly number: number };

/** The part of a list that was read. */
export interface Extent {
  readonly items: number;
  readonly pages: number;
}

/**
 * Lists the signs of one page.
 *
 * @param list position of the list in the page; `null`: the page is one entry, whose keys are user data.
 */
export function listSigns(
  { value, headers }: { readonly value: unknown; readonly headers: UpstreamAnswer['headers'] },
  list: JsonPath | null,
): Sign[] {
  const signs: Sign[] = [];
  if (findNextLink(headers.link).kind !== 'none') signs.push({ kind: 'more', name: 'a next link in the Link header' });
  for (const [name, meaning] of headerSigns) {
    const header = headers[name];
    if (header !== undefined) addHeader(signs, name, meaning, String(header));
  }
  // In a single entry, it is unknown to which of its lists a number refers.
  if (list === null) return signs.filter(({ kind }) => kind === 'more');
  addEnvelopes(signs, value, list, true);
  return signs;
}

/** Lists the signs for a list inside a user's entry: keys next to the list, unless they belong to the entry itself, and OData's annotations. */
export function listSignsInEntry(entry: unknown, list: JsonPath): Sign[] {
  const signs: Sign[] = [];
  addEnvelopes(signs, entry, list, false);
  return signs;
}

/** Lists the signs in user info that an upstream sends unchanged: keys next to its groups. */
export function listSignsInUserInfo(userInfo: unknown): Sign[] {
  const signs: Sign[] = [];
  if (isObject(userInfo)) addObject(signs, userInfo, '', 'groups', 0);
  return signs;
}

/** Returns the name of the first sign that contradicts what was read, for messages; `null`: the list is complete. */
export function findContradiction(signs: readonly Sign[], { items, pages }: Extent): string | null {
  for (const sign of signs) {
    if (sign.kind === 'more') return sign.name;
    if (sign.kind === 'pages' && sign.number > pages) return `${sign.name} is greater than the number of pages read`;
    if (sign.kind !== 'total') continue;
    if (sign.number > items) return `${sign.name} is greater than the number of items read`;
    if (sign.isExact && sign.number !== items) return `${sign.name} differs from the number of items read`;
  }
  return null;
}

function addEnvelopes(signs: Sign[], top: unknown, list: JsonPath, isTopIncluded: boolean): void {
  const keys = keysOf(list);
  let envelope = top;
  for (const [depth, key] of keys.entries()) {
    if (!isObject(envelope)) return;
    const place = keys.slice(0, depth).map((name) => `${name}.`);
    const isLast = depth === keys.length - 1;
    if (depth > 0 || isTopIncluded) addObject(signs, envelope, place.join(''), key, 0);
    // OData annotates a list beside it: `memberOf@odata.nextLink`, which only the list's own server writes.
    if (isLast) addAnnotations(signs, envelope, place.join(''), key);
    envelope = Object.hasOwn(envelope, key) ? envelope[key] : undefined;
  }
  if (keys.length === 0 && isTopIncluded && isObject(top)) addObject(signs, top, '', null, 0);
}

/** Returns the keys that lead to a list. For an expression: its leading keys, as in `data.items[?active]`. */
function keysOf({ text }: JsonPath): string[] {
  if (text === '') return [];
  if (!text.startsWith('/')) return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/.exec(text)?.[0].split('.') ?? [];
  return text
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Deeper than the paging of any API: `meta.pagination.links.next`. */
const maxContainerDepth = 3;

function addObject(signs: Sign[], object: JsonObject, place: string, ownKey: string | null, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    if (key === ownKey || key.length > maxKeyLength) continue;
    addKey(signs, key, place + key, value);
    if (depth === maxContainerDepth || !knownContainers.has(plain(key))) continue;
    if (isObject(value)) addObject(signs, value, `${place}${key}.`, null, depth + 1);
    else if (Array.isArray(value) && value.some(isNextLinkObject)) {
      signs.push({ kind: 'more', name: `${place}${key} with the relation next` });
    }
  }
}

function addAnnotations(signs: Sign[], object: JsonObject, place: string, listKey: string): void {
  for (const [key, value] of Object.entries(object)) {
    if (key.startsWith(`${listKey}@`) && key.length < listKey.length + maxKeyLength) {
      addKey(signs, key.slice(listKey.length + 1), place + key, value);
    }
  }
}

function addKey(signs: Sign[], key: string, name: string, value: unknown): void {
  for (const meaning of meaningsByKey.get(plain(key)) ?? []) addSign(signs, name, meaning, value);
}

function addHeader(signs: Sign[], name: string, meaning: Meaning | 'contentRange' | 'json', text: string): void {
  const title = `the header ${name}`;
  if (meaning === 'contentRange') addSign(signs, title, 'total', /\/\s*(\d+)\s*$/.exec(text)?.[1]);
  else if (meaning !== 'json') addSign(signs, title, meaning, text);
  else {
    const value = parseOrNull(text);
    if (isObject(value)) addObject(signs, value, `${title}: `, null, maxContainerDepth);
  }
}

function addSign(signs: Sign[], name: string, meaning: Meaning, value: unknown): void {
  switch (meaning) {
    case 'present':
      if (isPresent(value)) signs.push({ kind: 'more', name });
      return;
    case 'true':
      if (isPresent(value) && !isText(value, /^\s*(false|no|n)\s*$/i)) signs.push({ kind: 'more', name });
      return;
    case 'false':
      if (value === false || isText(value, /^\s*(false|no)\s*$/i)) signs.push({ kind: 'more', name });
      return;
    case 'total':
    case 'exactTotal':
    case 'pages': {
      // Elasticsearch: `total: { value: 250, relation: "eq" }`.
      const number = numberOf(isObject(value) ? value.value : value);
      if (number === null) return;
      if (meaning === 'pages') signs.push({ kind: 'pages', name, number });
      else signs.push({ kind: 'total', name, number, isExact: meaning === 'exactTotal' });
    }
  }
}

/** Returns whether a value differs from all values by which APIs state that there is no next page. */
function isPresent(value: unknown): boolean {
  if (isObject(value)) return Object.values(value).some(isPresent);
  if (Array.isArray(value)) return value.some(isPresent);
  if (typeof value === 'string') return !/^\s*(0|-1)?\s*$/.test(value);
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== -1;
}

/** Returns whether a value is an object in a list of links: `{ "rel": "next", "href": … }`, FHIR's `{ "relation": "next", "url": … }`. */
function isNextLinkObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  const relations = [value.rel, value.relation].flat().filter((relation) => typeof relation === 'string');
  const isNext = relations.some((relation) => /(^|[^a-z])next([^a-z]|$)/i.test(relation));
  const { rel: _rel, relation: _relation, ...others } = value;
  return isNext && isPresent(others);
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : null;
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Longer keys are not signs, and would appear in messages. */
const maxKeyLength = 40;

function plain(key: string): string {
  return key.replace(/[_.@-]/g, '').toLowerCase();
}

const knownContainers = new Set(containers.map(plain));
const meaningsByKey = groupByKey();

function groupByKey(): ReadonlyMap<string, readonly Meaning[]> {
  const grouped = new Map<string, Meaning[]>();
  for (const [meaning, names] of Object.entries(bodySigns)) {
    for (const name of names) grouped.set(plain(name), [...(grouped.get(plain(name)) ?? []), meaning as Meaning]);
  }
  return grouped;
}
