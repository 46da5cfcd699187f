// Tests of lists that are incomplete although nothing in `pagination` says so, and of values that look like signs of more but are harmless.
import { expect } from 'chai';
import type { HttpPaginationConfig, HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { bodySigns, containers, headerSigns } from './signs-of-more.ts';
import { sendJson } from './testing/local-server.ts';
import { ada, adaInfo, failureOf, peopleOptions, personOptions, withSource } from './testing/people-source.ts';

type Options = Partial<HttpProxySourceConfig>;
type Headers = Readonly<Record<string, string | string[]>>;

const none: HttpPaginationConfig = { type: 'none' };
const odata: HttpPaginationConfig = { type: 'odata' };
const link: HttpPaginationConfig = { type: 'link-header' };
const cursor: HttpPaginationConfig = { type: 'cursor', path: '/after', parameter: 'after' };
const more = 'https://api.example.com/people?page=2';

async function assertRefused(body: unknown, headers: Headers, options: Options, name: string): Promise<void> {
  await withSource(
    (_request, response) => sendJson(response, 200, body, headers),
    options,
    async (source) => {
      const { kind, message } = await failureOf(source);
      expect(message).to.include(name);
      expect(message).to.include('indicates');
      expect(kind).to.equal('bad-answer');
    },
  );
}

async function assertRead(body: unknown, headers: Headers, options: Options): Promise<void> {
  await withSource(
    (_request, response) => sendJson(response, 200, body, headers),
    options,
    async (source) => {
      expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
    },
  );
}

/** Keys beside the list `value`, which contains one user. */
const partial: ReadonlyArray<[object, string, HttpPaginationConfig?]> = [
  [{ next: more }, 'next'],
  [{ next: 2 }, 'next'],
  [{ next: { after: 'MTA' } }, 'next'],
  [{ nextPageToken: 'abc' }, 'nextPageToken'],
  [{ next_page_token: 'abc' }, 'next_page_token'],
  [{ NextContinuationToken: 'abc' }, 'NextContinuationToken'],
  [{ '@nextLink': more }, '@nextLink'],
  [{ 'odata.nextLink': more }, 'odata.nextLink'],
  [{ nextLink: more }, 'nextLink', odata],
  [{ __next: more }, '__next'],
  [{ 'value@odata.nextLink': more }, 'value@odata.nextLink'],
  [{ '@odata.count': 2 }, '@odata.count', odata],
  [{ '@odata.count': 0 }, '@odata.count', odata],
  [{ '@odata.count': '130' }, '@odata.count', odata],
  [{ '@count': 2 }, '@count', odata],
  [{ 'value@odata.count': 2 }, 'value@odata.count', odata],
  [{ __count: '2' }, '__count'],
  [{ _links: { next: { href: more } } }, '_links.next'],
  [{ _links: { next: more } }, '_links.next'],
  [
    {
      links: [
        { rel: 'self', href: '/' },
        { rel: 'next', href: more },
      ],
    },
    'links with the relation next',
  ],
  [{ link: [{ relation: 'next', url: more }] }, 'link with the relation next'],
  [{ meta: { pagination: { links: { next: more } } } }, 'meta.pagination.links.next'],
  [{ response_metadata: { next_cursor: 'dXNlcg==' } }, 'response_metadata.next_cursor'],
  [{ paging: { cursors: { after: 'MTA' }, next: more } }, 'paging.next'],
  [{ pageInfo: { hasNextPage: true, endCursor: 'x' } }, 'pageInfo.hasNextPage'],
  [{ hasMore: true }, 'hasMore'],
  [{ has_more: 'true' }, 'has_more'],
  [{ hasMore: 1 }, 'hasMore'],
  [{ isLast: false }, 'isLast'],
  [{ isLast: 'false' }, 'isLast'],
  [{ last: false }, 'last'],
  [{ done: false, nextRecordsUrl: '/q/2' }, 'done'],
  [{ truncated: true }, 'truncated'],
  [{ incomplete_results: true }, 'incomplete_results'],
  [{ totalResults: '2' }, 'totalResults'],
  [{ totalResults: 0 }, 'totalResults'],
  [{ total: 2 }, 'total'],
  [{ total: '2' }, 'total'],
  [{ total: { value: 2, relation: 'eq' } }, 'total'],
  [{ count: 2 }, 'count'],
  [{ meta: { total_count: 2 } }, 'meta.total_count'],
  [{ page: { size: 1, totalElements: 2, totalPages: 2, number: 0 } }, 'page.totalElements'],
  [{ total_pages: 2 }, 'total_pages'],
  [{ meta: { current_page: 1, last_page: 2 } }, 'meta.last_page'],
  [{ metadata: { continue: 'abc', remainingItemCount: 1 } }, 'metadata.continue'],
  [{ errors: [{ message: 'shard 2 did not respond' }] }, 'errors'],
  [{ success: false }, 'success'],
  [{ hasMore: true, after: '' }, 'hasMore', cursor],
  [{ total: 2, after: null }, 'total', cursor],
  [{ nextCursor: 'x' }, 'nextCursor', link],
];

const partialByHeader: ReadonlyArray<[string, Headers, HttpPaginationConfig?]> = [
  ['a next link', { link: `<${more}>; rel="next"` }],
  ['next in a list of relations', { link: `<${more}>; rel="last next"` }],
  ['the relation in capitals', { link: `<${more}>; REL=Next` }],
  ['a next link in the second header', { link: ['</>; rel=self', `<${more}>; rel=next`] }],
  ['no semicolon', { link: `<${more}> rel="next"` }, link],
  ['no angle brackets', { link: `${more}; rel="next"` }, link],
  ['an open quote', { link: `<${more}>; rel="next` }, link],
  ['single quotes', { link: `<${more}>; rel='next'` }, link],
  ['an open bracket', { link: `<${more}; rel="next"` }, link],
  ['a relation that is a URL', { link: `<${more}>; rel="https://example.com/rels/next"` }, link],
  ['an anchor', { link: `<${more}>; rel="next"; anchor="/other"` }, link],
  ['rel without a value', { link: `<${more}>; rel=, <x>; rel="next" junk` }, link],
];

describe('http-proxy, a sign of further pages', () => {
  for (const [extra, name, pagination = none] of partial) {
    it(`is ${JSON.stringify(extra)}, with pagination ${pagination.type}: bad-answer`, async () => {
      await assertRefused({ value: [ada], ...extra }, {}, peopleOptions(pagination), name);
    });
  }

  for (const [title, headers, pagination = none] of partialByHeader) {
    it(`is a Link header with ${title}, with pagination ${pagination.type}: bad-answer`, async () => {
      const options = peopleOptions(pagination);
      await withSource(
        (_request, response) => sendJson(response, 200, { value: [ada] }, headers),
        options,
        async (source) => {
          const { kind, message } = await failureOf(source);
          expect(message).to.match(/Link|next link/);
          expect(kind).to.equal('bad-answer');
        },
      );
    });
  }

  for (const [name, text] of [
    ['content-range', 'items 0-0/2'],
    ['x-total-count', '2'],
    ['x-next-page', '2'],
    ['x-total-pages', '2'],
    ['x-has-more', 'true'],
    ['x-ms-continuation', 'abc'],
    ['x-pagination', '{"TotalCount":2,"HasNext":true}'],
  ] as const) {
    it(`is the header ${name}: ${text}`, async () => {
      await assertRefused({ value: [ada] }, { [name]: text }, peopleOptions(none), `the header ${name}`);
    });
  }

  it('is a sign beside a list that is nested deeper', async () => {
    const options = (list: string): Options => {
      const { user, ...others } = peopleOptions(none);
      return { ...others, user: { ...(user as NonNullable<typeof user>), list } };
    };
    for (const [list, body, name] of [
      ['/d/results', { d: { results: [ada], __next: more } }, 'd.__next'],
      ['/data/people/nodes', { data: { people: { nodes: [ada], pageInfo: { hasNextPage: true } } } }, 'hasNextPage'],
      ['/data/people/nodes', { data: { people: { nodes: [ada] }, total: 2 } }, 'data.total'],
      ['data.people[?id]', { data: { people: [ada], hasMore: true } }, 'data.hasMore'],
      ['/hits/hits', { timed_out: true, hits: { hits: [ada] } }, 'timed_out'],
      ['/hits/hits', { hits: { total: { value: 2 }, hits: [ada] } }, 'hits.total'],
    ] as const) {
      await assertRefused(body, {}, options(list), name);
    }
  });

  it('is a number that only the first page has', async () => {
    let requests = 0;
    await withSource(
      (_request, response) => {
        requests += 1;
        sendJson(response, 200, requests === 1 ? { total: 3, value: [], after: 'x' } : { value: [ada], after: null });
      },
      peopleOptions(cursor),
      async (source) => expect((await failureOf(source)).message).to.include('total'),
    );
    expect(requests).to.equal(2);
  });

  it('is a sign beside a list inside the entry, or the annotation of such a list', async () => {
    const mapping = (list: string): Options => ({
      ...personOptions,
      mapping: {
        identity: '/id',
        groups: [{ from: 'user', list, name: '/name', optional: true }],
        authorizations: {},
      },
    });
    for (const [list, person, name] of [
      ['/groups', { ...ada, 'groups@odata.nextLink': more }, 'groups@odata.nextLink'],
      ['/groups', { id: ada.id, 'groups@odata.count': 2, groups: ada.groups }, 'groups@odata.count'],
      ['/groups', { id: ada.id, 'groups@odata.nextLink': more }, 'groups@odata.nextLink'],
      ['/groups/nodes', { id: ada.id, groups: { nodes: ada.groups, pageInfo: { hasNextPage: true } } }, 'hasNextPage'],
      ['/groups/items', { id: ada.id, groups: { items: ada.groups, total: 2 } }, 'groups.total'],
    ] as const) {
      await assertRefused(person, {}, mapping(list), name);
    }
    const department = { from: 'user', path: '/departments/items', scalars: false, optional: false } as const;
    const values = { ...personOptions, mapping: { identity: '/id', groups: [], authorizations: { department } } };
    const departments = { items: ['finance-4711'], hasMore: true };
    await assertRefused({ ...ada, departments }, {}, values, 'departments.hasMore');
  });

  it('is a sign in user info that the upstream sends unchanged', async () => {
    for (const extra of [{ next: more }, { hasMore: true }, { total: 2 }, { _links: { next: { href: more } } }]) {
      const options = { preset: 'passthrough' } as const;
      await assertRefused({ ...adaInfo, ...extra }, {}, options, Object.keys(extra)[0] ?? '');
    }
  });

  it('is a Link header of a response that is one user', async () => {
    await assertRefused(ada, { link: `<${more}>; rel="next"` }, personOptions, 'a next link in the Link header');
  });

  for (const [path, items, body, isWhole] of [
    ['people/{/id}/groups?limit=2', 2, {}, false],
    ['people/{/id}/groups?$top=2&x=1', 2, {}, false],
    ['people/{/id}/groups?page=1&per_page=2', 3, {}, false],
    ['people/{/id}/groups?limit=2', 1, {}, true],
    ['people/{/id}/groups?limit=2', 2, { total: 2 }, true],
    ['people/{/id}/groups?first=0&page=1', 2, {}, true],
  ] as const) {
    it(`is ${isWhole ? 'not ' : ''}${items} groups in the response to ${path}, with ${JSON.stringify(body)}`, async () => {
      const groups = { path, list: '/value', pagination: none };
      const mapping = {
        identity: '/id',
        groups: [{ from: 'groups', name: '/name', optional: false }] as const,
        authorizations: {},
      };
      await withSource(
        (request, response) => {
          const value = Array.from({ length: items }, (_, index) => ({ name: `g${index}` }));
          sendJson(response, 200, request.url?.includes('/groups') ? { value, ...body } : { value: [ada] });
        },
        { ...peopleOptions(none), groups, mapping: { ...mapping, groups: [...mapping.groups] } },
        async (source) => {
          if (!isWhole)
            expect((await failureOf(source)).message).to.include('as many items as the path of the request allows');
          else expect((await source.findUser(ada.id, AbortSignal.timeout(5000)))?.groups).to.have.lengthOf(items);
        },
      );
    });
  }

  it('does not show text of the upstream', async () => {
    const { message } = await withSource(
      (_request, response) => sendJson(response, 200, { value: [ada], next: 'a secret link' }),
      peopleOptions(none),
      (source) => failureOf(source),
    );
    expect(message).to.match(/indicates further pages that pagination does not follow: next\. Set the pagination/);
  });
});

const samples = {
  present: { more: more, whole: [null, false, '', 0, '0', -1, [], {}, { href: null }] },
  true: { more: true, whole: [false, 'false', 'False', null, 0, 'no'] },
  false: { more: false, whole: [true, 'true', null, 1] },
  total: { more: 2, whole: [0, 1, '1', null, 'many'] },
  exactTotal: { more: 2, whole: [1, '1', null] },
  pages: { more: 2, whole: [0, 1, '1', null, []] },
} as const;

describe('http-proxy, the table of signs', () => {
  for (const meaning of Object.keys(samples) as Array<keyof typeof samples>) {
    for (const name of bodySigns[meaning]) {
      it(`has ${name}, which is a sign when it is ${JSON.stringify(samples[meaning].more)}`, async () => {
        const user = { value: [ada] };
        await assertRefused({ ...user, [name]: samples[meaning].more }, {}, peopleOptions(none), name);
      });
    }
  }

  it('treats no value that means "complete" as a sign', async () => {
    for (const meaning of Object.keys(samples) as Array<keyof typeof samples>) {
      const [name = ''] = bodySigns[meaning];
      for (const value of samples[meaning].whole) {
        await assertRead({ value: [ada], [name]: value }, {}, peopleOptions(none));
      }
    }
  });

  for (const name of containers) {
    it(`searches ${name}`, async () => {
      await assertRefused({ value: [ada], [name]: { hasMore: true } }, {}, peopleOptions(none), `${name}.hasMore`);
    });
  }

  for (const [name, meaning] of headerSigns) {
    const text =
      meaning === 'contentRange'
        ? 'items 0-0/2'
        : meaning === 'json'
          ? '{"HasNext":true}'
          : String(samples[meaning].more);
    it(`has the header ${name}`, async () => {
      await assertRefused({ value: [ada] }, { [name]: text }, peopleOptions(none), `the header ${name}`);
    });
  }
});

describe('http-proxy, no sign of further pages', () => {
  const wholes: ReadonlyArray<[string, object, Headers?, Options?]> = [
    ['a next that is null', { next: null }],
    ['a next that is empty', { next: '' }],
    ['a next that is false', { next: false }],
    ['links without a next one', { _links: { self: { href: '/' }, next: null, prev: { href: '/1' } } }],
    [
      'a list of links without a next one',
      {
        links: [
          { rel: 'self', href: '/' },
          { rel: 'next', href: null },
        ],
      },
    ],
    ['an end cursor', { pageInfo: { hasNextPage: false, endCursor: 'x' } }],
    [
      'numbers that fit',
      { total: 1, count: '1', totalResults: 1, total_pages: 1, page: { totalElements: 1, size: 20 } },
    ],
    ['the size of a page', { limit: 200, size: 200, per_page: 200, itemsPerPage: 200, offset: 0 }],
    ['no errors', { errors: [], error: null, ok: true, success: true }],
    ['flags of the end', { hasMore: false, isLast: true, last: true, done: true, truncated: false }],
    ['a Link without next', {}, { link: '</?page=1>; rel="prev", </>; rel="self"; title="the next, rel=next"' }],
    ['a malformed Link without next', {}, { link: 'schema.json; rel=describedby' }],
    ['the word next in an address', {}, { link: '<https://next.example.com/next>; rel="self"' }],
    ['empty and exact headers', {}, { 'x-next-page': '', 'x-total-count': '1', 'content-range': 'items 0-0/1' }],
    ['a Content-Range without a total', {}, { 'content-range': 'items 0-0/*' }],
    ['a key that is too long for a sign', { [`next${'_'.repeat(50)}`]: more }],
  ];
  for (const [title, extra, headers = {}, options = peopleOptions(none)] of wholes) {
    it(`is ${title}`, async () => {
      await assertRead({ value: [ada], ...extra }, headers, options);
    });
  }

  it('is found in a key inside the user’s own data', async () => {
    const user = { ...ada, next: 'step', hasMore: true, total: 99, meta: { next: more }, done: false };
    await assertRead({ value: [user] }, {}, peopleOptions(none));
    await assertRead(user, {}, personOptions);
    // For a response that is a single entry, a total counts something else.
    await assertRead(user, { 'x-total-count': '5000' }, personOptions);
  });

  it('is an attribute of user info with the name of a sign', async () => {
    await withSource(
      (_request, response) => sendJson(response, 200, { groups: [], authorizations: { next: ['a'], total: ['9'] } }),
      { preset: 'passthrough' },
      async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal({
          groups: [],
          authorizations: { next: ['a'], total: ['9'] },
        });
      },
    );
  });

  it('is a mapped attribute that is named next', async () => {
    const next = { from: 'user', path: '/next', scalars: false, optional: false } as const;
    const mapping = { identity: '/id', groups: [], authorizations: { next } };
    await withSource(
      (_request, response) => sendJson(response, 200, { value: [{ id: ada.id, next: ['b', 'c'] }] }),
      { ...peopleOptions(none), mapping },
      async (source) => {
        const found = await source.findUser(ada.id, AbortSignal.timeout(5000));
        expect(found?.authorizations).to.deep.equal({ next: ['b', 'c'] });
      },
    );
  });

  it('is not reported for malformed Link headers that contain next, which are read in linear time', async () => {
    const links = [`<x>${' ;'.repeat(6000)} next`, `<x>${'; a= '.repeat(2500)} next`, `${'<'.repeat(12_000)} next`];
    for (const text of links) {
      await assertRefused({ value: [ada] }, { link: text }, peopleOptions(none), 'a next link in the Link header');
    }
  });

  it('is the @nextLink of OData 4.01 and the odata.nextLink of OData 3 when pagination follows them', async () => {
    for (const name of ['@nextLink', 'odata.nextLink']) {
      let requests = 0;
      await withSource(
        (_request, response) => {
          requests += 1;
          sendJson(response, 200, requests === 1 ? { value: [], [name]: '/api/people?page=2' } : { value: [ada] });
        },
        peopleOptions(odata),
        async (source) => {
          expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
        },
      );
      expect(requests).to.equal(2);
    }
  });
});
