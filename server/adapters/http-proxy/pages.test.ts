// Tests of lists that are incomplete, endless, or continue on another host.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { HttpPaginationConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { sendJson, startLocalServer, urlOf } from './testing/local-server.ts';
import { ada, adaInfo, failureOf, peopleOptions, withSource } from './testing/people-source.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Responds to the first request with the first page, and so on; the last page is repeated. */
function inTurn(...answers: readonly Answer[]): RequestListener {
  let number = 0;
  return (request, response) => {
    const answer = answers[Math.min(number, answers.length - 1)];
    number += 1;
    answer?.(request, response);
  };
}

const page =
  (value: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    sendJson(response, 200, value, headers);

const next = '/api/people?page=2';
const odata = { type: 'odata' } as const;
const link = { type: 'link-header' } as const;
const scim = { type: 'scim', pageSize: 2 } as const;
const cursor = { type: 'cursor', path: '/next', parameter: 'after' } as const;
const none = { type: 'none' } as const;

const refusals: ReadonlyArray<[string, HttpPaginationConfig, RequestListener, RegExp]> = [
  [
    'a second page that fails',
    odata,
    inTurn(page({ value: [ada], '@odata.nextLink': next }), (_q, r) => sendJson(r, 500, {})),
    /status 500/,
  ],
  [
    'a second page that is cut off',
    odata,
    inTurn(page({ value: [ada], '@odata.nextLink': next }), (_q, r) => r.destroy()),
    /reached|broke/,
  ],
  [
    'a second page that is not found',
    odata,
    inTurn(page({ value: [ada], '@odata.nextLink': next }), (_q, r) => sendJson(r, 404, {})),
    /404/,
  ],
  [
    'a second page without its list',
    odata,
    inTurn(page({ value: [ada], '@odata.nextLink': next }), page({})),
    /no list/,
  ],
  [
    'a second page with the user again',
    odata,
    inTurn(page({ value: [ada], '@odata.nextLink': next }), page({ value: [ada] })),
    /more than one/,
  ],
  ['a page that leads to itself', odata, inTurn(page({ value: [], '@odata.nextLink': next })), /already read/],
  [
    'two pages that lead to each other',
    odata,
    (request, response) => {
      const other = urlOf(request).searchParams.get('page') === '2' ? '/api/people?page=1' : next;
      sendJson(response, 200, { value: [], '@odata.nextLink': other });
    },
    /already read/,
  ],
  [
    'endless pages',
    odata,
    (request, response) => {
      const number = Number(urlOf(request).searchParams.get('page'));
      sendJson(response, 200, { value: [], '@odata.nextLink': `/api/people?page=${number + 1}` });
    },
    /maxPages/,
  ],
  [
    'pages that are too large together',
    odata,
    (request, response) => {
      const number = Number(urlOf(request).searchParams.get('page'));
      sendJson(response, 200, {
        value: [],
        filling: 'x'.repeat(1000),
        '@odata.nextLink': `/api/people?page=${number + 1}`,
      });
    },
    /maxBytes/,
  ],
  ['a next link with a password', odata, page({ value: [], '@odata.nextLink': 'http://u:p@127.0.0.1/x' }), /origin/],
  ['a next link to another scheme', odata, page({ value: [], '@odata.nextLink': 'file:///etc/passwd' }), /origin/],
  ['a next link that is not a URL', odata, page({ value: [], '@odata.nextLink': 'http://[' }), /not a URL/],
  ['a next link that is not a string', odata, page({ value: [], '@odata.nextLink': 7 }), /malformed/],
  [
    'two next links',
    link,
    page({ value: [ada] }, { link: `<${next}>; rel="next", </api/people?page=3>; rel=next` }),
    /two/,
  ],
  ['a further page, with none configured (OData)', none, page({ value: [ada], '@odata.nextLink': next }), /further/],
  [
    'a further page, with none configured (Link)',
    none,
    page({ value: [ada] }, { link: `<${next}>; rel="next"` }),
    /further/,
  ],
  ['a further page, with none configured (SCIM)', none, page({ value: [ada], totalResults: 2 }), /further/],
  [
    'a further page (Link), with a configured cursor that is missing',
    cursor,
    page({ value: [ada] }, { link: '</api>; rel="next"' }),
    /further/,
  ],
  ['a further page (OData), with Link configured', link, page({ value: [ada], '@odata.nextLink': next }), /further/],
  [
    'fewer entries than totalResults, with a cursor configured',
    cursor,
    page({ value: [ada], totalResults: 2 }),
    /further/,
  ],
  ['no totalResults', scim, page({ value: [ada] }), /totalResults/],
  ['a totalResults that is not a number', scim, page({ value: [ada], totalResults: '1' }), /totalResults/],
  [
    'fewer entries than totalResults',
    scim,
    inTurn(page({ value: [ada], totalResults: 2 }), page({ value: [], totalResults: 2 })),
    /fewer/,
  ],
  [
    'more entries than totalResults',
    scim,
    page({ value: [ada, { ...ada, id: 'grace' }], totalResults: 1 }),
    /more entries/,
  ],
  ['an entry, with totalResults 0', scim, page({ value: [ada], totalResults: 0 }), /more entries/],
  ['no list, with totalResults 1', scim, page({ totalResults: 1 }), /no list/],
  ['an empty list, with totalResults 1', scim, page({ value: [], totalResults: 1 }), /fewer/],
  [
    'a totalResults that changes',
    scim,
    inTurn(page({ value: [ada], totalResults: 2 }), page({ value: [{ ...ada, id: 'grace' }], totalResults: 3 })),
    /changed/,
  ],
  ['a repeated entry, which makes the count match', scim, inTurn(page({ value: [ada], totalResults: 2 })), /twice/],
  ['a page that was not requested', scim, page({ value: [ada], totalResults: 1, startIndex: 3 }), /startIndex/],
  ['the same cursor again', cursor, page({ value: [], next: 'x' }), /already read/],
  ['a cursor that is not a string', cursor, page({ value: [], next: { a: 1 } }), /cursor/],
  ['an object instead of the list', none, page({ value: { ...ada } }), /no list/],
  ['two entries of the user', none, page({ value: [ada, { ...ada, groups: [] }] }), /more than one/],
  [
    'all users, as from an upstream that ignores the filter',
    none,
    page({ value: [ada, { ...ada, id: 'grace' }] }),
    /filter/,
  ],
];

describe('http-proxy, an incomplete list', () => {
  for (const [title, pagination, listener, reason] of refusals) {
    it(`is an error: ${title}`, async () => {
      const options = { ...peopleOptions(pagination), maxPages: 20, maxBytes: 8000 };
      await withSource(listener, options, async (source) => {
        const { kind, message } = await failureOf(source);
        expect(message).to.match(reason);
        expect(kind).to.equal(/reached|500/.test(message) ? 'unavailable' : 'bad-answer');
      });
    });
  }

  for (const [title, pagination, answer] of [
    ['@odata.nextLink', odata, (to: string): Answer => page({ value: [], '@odata.nextLink': to })],
    ['Link', link, (to: string): Answer => page({ value: [] }, { link: `<${to}>; rel="next"` })],
  ] as const) {
    it(`is an error when ${title} leads to another origin, which receives no request and no credentials`, async () => {
      let requests = 0;
      const other = await startLocalServer((_request, response) => {
        requests += 1;
        sendJson(response, 200, { value: [ada] });
      });
      try {
        await withSource(answer(`${other.url}/api/people?page=2`), peopleOptions(pagination), async (source) => {
          expect(await failureOf(source)).to.have.property('kind', 'bad-answer');
        });
      } finally {
        await other.close();
      }
      expect(requests).to.equal(0);
    });
  }
});

describe('http-proxy, a list', () => {
  const wholes: ReadonlyArray<[string, HttpPaginationConfig, RequestListener]> = [
    [
      'OData with an absolute link',
      odata,
      inTurn(
        (request, response) =>
          sendJson(response, 200, { value: [], '@odata.nextLink': `http://${request.headers.host}${next}` }),
        page({ value: [ada] }),
      ),
    ],
    ['OData with null for a link', odata, page({ value: [ada], '@odata.nextLink': null })],
    [
      'Link, among other links',
      link,
      inTurn(
        page(
          { value: [] },
          { link: `</api?a=1,2;3>; rel="self"; title="a, rel=next", <${next}>; title=x; rel="last next"` },
        ),
        page({ value: [ada] }, { link: '</api>; rel="prev"' }),
      ),
    ],
    [
      'a cursor',
      cursor,
      inTurn(page({ value: [], next: 'a&b=c' }), page({ value: [], next: 17 }), page({ value: [ada], next: '' })),
    ],
    ['one answer', none, page({ value: [ada], totalResults: 1 })],
  ];
  for (const [title, pagination, listener] of wholes) {
    it(`is read completely: ${title}`, async () => {
      await withSource(listener, peopleOptions(pagination), async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
      });
    });
  }

  it('requests each SCIM page after the last entry that the server returned, whatever the page size', async () => {
    const asked: string[] = [];
    const all = [{ ...ada, id: ada.id.toUpperCase() }, { ...ada, id: `${ada.id} ` }, ada];
    const listener: RequestListener = (request, response) => {
      const { searchParams } = urlOf(request);
      const start = Number(searchParams.get('startIndex'));
      asked.push(`${start}+${searchParams.get('count')}`);
      // Returns one entry at a time, whatever page size is requested.
      sendJson(response, 200, { totalResults: all.length, startIndex: start, value: all.slice(start - 1, start) });
    };
    await withSource(listener, peopleOptions(scim), async (source) => {
      expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
    });
    expect(asked).to.deep.equal(['1+2', '2+2', '3+2']);
  });

  it('keeps the parameters of the template when it sends a cursor', async () => {
    const asked: string[] = [];
    const listener: RequestListener = (request, response) => {
      asked.push(request.url ?? '');
      sendJson(response, 200, asked.length === 1 ? { value: [ada], next: 'a&b' } : { value: [] });
    };
    const user = { method: 'GET', path: 'people?view=a?b&id={userid}', list: '/value', pagination: cursor } as const;
    await withSource(listener, { ...peopleOptions(cursor), user }, (source) =>
      source.findUser(ada.id, AbortSignal.timeout(5000)),
    );
    const first = `/api/people?view=a?b&id=${ada.id}`;
    expect(asked).to.deep.equal([first, `${first}&after=a%26b`]);
  });

  for (const [title, pagination, body] of [
    ['an empty list', none, { value: [] }],
    ['an empty OData list', odata, { value: [] }],
    ['an empty SCIM list', scim, { value: [], totalResults: 0 }],
    ['a SCIM answer without a list', scim, { totalResults: 0 }],
  ] as const) {
    it(`means "no such user" as ${title}`, async () => {
      await withSource(page(body), peopleOptions(pagination), async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.equal(null);
      });
    });
  }
});
