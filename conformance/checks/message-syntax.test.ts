// Tests of violations of the HTTP grammar in the headers of a response.
import { expect } from 'chai';
import type { Check } from '../check.ts';
import { answer, checkOf, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { errorSyntax, messageSyntaxChecks } from './message-syntax.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** Runs a check against an endpoint where the known user gets a 200 with these headers. */
const run = (id: string, rawHeaders: Headers, parserFault: string | null = null, isTruncated = false) => {
  const respond = () => answer(200, userInfo('a'), { rawHeaders, parserFault, isTruncated });
  return checkOf(messageSyntaxChecks, id).run(createFakeContext({ respond }).context);
};

const both = 'Content-Length together with Transfer-Encoding';
const lengths: readonly (readonly [headers: Headers, seen: string | null])[] = [
  [[], null],
  [[['Content-Length', '5']], null],
  [[['Content-Length', '12345']], null],
  [[['Transfer-Encoding', 'chunked']], null],
  [
    [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '5'],
    ],
    both,
  ],
  [
    [
      ['content-length ', '5'],
      ['TRANSFER-ENCODING', 'chunked'],
    ],
    both,
  ],
  [
    [
      ['Content-Length', '5'],
      ['Content-Length', '5'],
    ],
    '2 Content-Length headers, with the same value',
  ],
  [
    [
      ['Content-Length', '5'],
      ['Content-Length', '6'],
      ['X', '7'],
    ],
    '2 Content-Length headers, with different values',
  ],
  [[['Content-Length', '5x']], 'a Content-Length that is not a number'],
  [[['Content-Length', 'x5']], 'a Content-Length that is not a number'],
  [[['Content-Length', '']], 'a Content-Length that is not a number'],
];

describe('known-user-one-length', () => {
  for (const [headers, seen] of lengths) {
    it(`${seen === null ? 'accepts' : 'finds'} ${headers.map((each) => each.join(': ')).join(', ') || 'no length'}`, async () => {
      expect(await endingOf(run('known-user-one-length', headers))).to.equal(
        seen === null ? 'passed' : `violated: ${seen}`,
      );
    });
  }

  it('includes truncated responses', async () => {
    const doubled: Headers = [
      ['Content-Length', '5'],
      ['Content-Length', '6'],
    ];
    expect(await endingOf(run('known-user-one-length', doubled, null, true))).to.include('violated:');
    expect(await endingOf(run('known-user-http-syntax', [['a b', '']], 'HPE_X', true))).to.include('violated:');
  });
});

const name = 'a header name with a space or another invalid character, or a header on two lines';
const control = 'a header value with a control character';
const other = 'a response that the parser of Node.js rejects (HPE_KIT)';

describe('known-user-http-syntax', () => {
  const cases: readonly (readonly [headers: Headers, seen: string | null])[] = [
    [[['X-A_b', 'ok\té\u00ff']], other],
    [[["!#$%&'*+.^`|~-9", '']], other],
    [
      [
        ['X-A', '1'],
        ['a b', '2'],
      ],
      name,
    ],
    [[['b ', '2']], name],
    [[[' b', '2']], name],
    [[['', '2']], name],
    [
      [
        ['X-A', '1'],
        ['X-B', 'a\u0001b'],
      ],
      control,
    ],
    [[['X-A', '\u007f']], control],
    [
      [
        ['Content-Length', '5'],
        ['Content-Length', '6'],
        ['a b', '2'],
      ],
      null,
    ],
  ];
  for (const [headers, seen] of cases) {
    it(`${seen === null ? 'ignores' : 'finds'} ${JSON.stringify(headers)}`, async () => {
      const ended = await endingOf(run('known-user-http-syntax', headers, 'HPE_KIT'));
      expect(ended).to.equal(seen === null ? 'passed' : `violated: ${seen}`);
    });
  }

  it('passes when the parser accepts the response', async () => {
    expect(await endingOf(run('known-user-http-syntax', [['a b', '2']]))).to.equal('passed');
  });
});

describe('errors-http-syntax', () => {
  const check: Check = errorSyntax;
  /** Runs a check against an endpoint that refuses every request, the last one with these headers. */
  const runErrors = (rawHeaders: Headers, parserFault: string | null = null, status = 404) => {
    const { context, sent } = createFakeContext({
      respond: ({ path }) => (path === undefined ? answer(400) : answer(status, '', { rawHeaders, parserFault })),
    });
    return { ended: check.run(context), sent };
  };

  it('passes for errors with valid syntax, and requests each kind', async () => {
    const { ended, sent } = runErrors([['Content-Length', '5']]);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(7);
  });

  it('finds a wrong length and a wrong name, each with different advice', async () => {
    const length = await findingOf(runErrors([['Content-Length', 'x']]).ended);
    expect(length).to.include({ asked: 'another path', seen: 'a Content-Length that is not a number' });
    expect(length.change).to.include('let the HTTP server set Content-Length and Transfer-Encoding');
    expect(length.answers).to.have.length(1);
    const syntax = await findingOf(runErrors([['a b', 'x']], 'HPE_KIT').ended);
    expect(syntax.seen).to.equal(name);
    expect(syntax.change).to.include('write headers with the API');
    expect(await endingOf(runErrors([['Content-Length', 'x']], null, 200).ended), 'a 200 is no error').to.equal(
      'passed',
    );
  });

  it('has the same advice as the checks of a 200', async () => {
    const length = await findingOf(run('known-user-one-length', [['Content-Length', 'x']]));
    expect(length.change).to.equal((await findingOf(runErrors([['Content-Length', 'x']]).ended)).change);
    const { fix } = checkOf(messageSyntaxChecks, 'known-user-http-syntax');
    expect(fix.map(({ stack }) => stack)).to.deep.equal(['any', 'nginx']);
    expect(fix[0]?.text).to.match(/^Write headers with the API/);
  });
});
