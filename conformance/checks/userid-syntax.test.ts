// Tests of the checks of a malformed userid: the exact requests, and the suitable statuses.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
} from '../testing/fake-context.ts';
import { useridSyntax } from './userid-syntax.ts';

function run(id: string, respond: NonNullable<FakeOptions['respond']>, options: Partial<CheckedOptions> = {}) {
  const created = createFakeContext({ respond, options: { knownUsers: ['a@b'], ...options } });
  return { ...created, ended: checkOf(useridSyntax, id).run(created.context) };
}

const end = (id: string, status: number) => endingOf(run(id, () => answer(status)).ended);
const raw = (query: string, shown = query.replace('a%40b', `\${KNOWN_USER_ENCODED}`)): ShortRequest => ({
  ...{ userids: [], query, shown },
});

const suitable = [400, 422, 404, 410, 204, 403];

/** Map by the id of the check that accepts any non-200 status. */
const refusals: Readonly<
  Record<
    string,
    { readonly status: string; readonly statuses: readonly number[]; readonly sent: readonly ShortRequest[] }
  >
> = {
  'userid-over-long-refused': {
    status: 'userid-over-long-400',
    statuses: [...suitable, 414, 431],
    sent: [
      {
        userids: [`a@b${'x'.repeat(5997)}`],
        shown: `\${KNOWN_USER}$(printf "%0$((6000 - \${#KNOWN_USER}))d" 0 | tr 0 x)`,
      },
    ],
  },
  'userid-bad-percent-refused': {
    status: 'userid-bad-percent-400',
    statuses: suitable,
    sent: [raw('userid=a%40b%'), raw('userid=a%40b%zz')],
  },
  'userid-not-utf-8-refused': {
    status: 'userid-not-utf-8-400',
    statuses: suitable,
    sent: [raw('userid=a%40b%FF'), { userids: [], query: 'userid=%C1%A1%40b' }],
  },
  'userid-control-character-refused': {
    status: 'userid-control-character-400',
    statuses: suitable,
    sent: [
      ...['a%40b%00', 'a%40b%00x', 'a%40b%7F', 'kit%0Aa%40b%0Akit'].map((name) => raw(`userid=${name}`)),
      ...['a%40b%0D%0A', 'a%40b%09', 'a%40b%0A', '%0Aa%40b'].map((name) => raw(`userid=${name}`)),
    ],
  },
  'userid-bracketed-refused': {
    status: 'userid-bracketed-400',
    statuses: [400, 422],
    sent: [raw('userid[]=a%40b'), raw('userid[$ne]=x', 'userid[\\$ne]=x')],
  },
  'userid-built-in-name-refused': {
    status: 'userid-built-in-name-404',
    statuses: [404, 410, 204, 403, 400, 422],
    sent: ['constructor', '__proto__', 'toString'].map((userid) => ({ userids: [userid], shown: userid })),
  },
};

describe('the checks that a malformed userid is refused', () => {
  for (const [id, { status, statuses, sent: expected }] of Object.entries(refusals)) {
    it(`${id} sends its requests, and finds a 200`, async () => {
      const { ended, sent } = run(id, () => answer(500));
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.deep.equal(expected);
      expect(await end(id, 200)).to.include('violated: status 200');
      expect(checkOf(useridSyntax, id).needs).to.deep.equal(['control']);
    });

    it(`${status} accepts only its statuses`, async () => {
      for (const each of statuses) expect(await end(status, each)).to.equal('passed');
      for (const each of [401, 414, 431, 500].filter((other) => !statuses.includes(other)))
        expect(await end(status, each)).to.equal(`violated: status ${each} without a body`);
    });
  }

  it('omit white space around a name where it was declared to be ignored', async () => {
    const { sent, ended } = run('userid-control-character-refused', () => answer(400), { useridSpaces: 'trimmed' });
    await ended;
    expect(sent).to.have.length(4);
    const kept = run('userid-control-character-refused', () => answer(400), { useridSpaces: 'kept' });
    await kept.ended;
    expect(kept.sent).to.have.length(8);
  });

  it('encode the first ASCII character of any known name in two bytes', async () => {
    const queryOf = async (...knownUsers: readonly string[]) => {
      const { sent, ended } = run('userid-not-utf-8-refused', () => answer(400), { knownUsers });
      await ended;
      return sent.slice(1).map(({ query }) => query);
    };
    expect(await queryOf('é~/', 'x')).to.deep.equal(['userid=%C3%A9%C1%BE%2F']);
    expect(await queryOf('é', 'z!')).to.deep.equal(['userid=%C1%BA!']);
    expect(await queryOf(' !')).to.deep.equal(['userid=%20%C0%A1']);
    expect(await queryOf('é', '\u007f')).to.deep.equal([]);
  });
});

describe('userid-escaped-name', () => {
  it('sends a second userid under an encoded name, and finds a 200', async () => {
    const { ended, sent } = run('userid-escaped-name', () => answer(400));
    expect(await endingOf(ended)).to.equal('passed');
    const shown = `userid=\${KNOWN_USER_ENCODED}&user%69d=\${UNKNOWN_USER_ENCODED}`;
    expect(sent).to.deep.equal([raw('userid=a%40b&user%69d=nobody%40kit.test', shown)]);
    const finding = await findingOf(run('userid-escaped-name', () => answer(200, 'x')).ended);
    expect(finding.seen).to.equal('status 200 with application/json');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run('userid-escaped-name', closed).ended)).to.equal('passed');
  });
});

describe('userid-odd-no-5xx', () => {
  const id = 'userid-odd-no-5xx';
  it('sends nine unusual names, and accepts every status below 500', async () => {
    const { ended, sent } = run(id, () => answer(499));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.map(({ userids }) => userids[0])).to.deep.equal([
      ...["kit'quote", 'kit"quote', 'kit\\slash', 'kit%percent', 'kit(paren)*', 'kit;semicolon--', 'kit{{7*7}}'],
      ...['kit 😀 ü ß ﷽', `kit-${'x'.repeat(252)}`],
    ]);
    expect(sent[1]?.shown).to.equal('kit\\"quote');
  });

  it('finds a 5xx for the last of them, even after a closed connection', async () => {
    const { ended } = run(id, (_question, index) => (index === 0 ? closed() : answer(index === 8 ? 500 : 404, 'x')));
    const finding = await findingOf(ended);
    expect(finding.seen).to.equal('status 500 with application/json');
    expect(finding.answers).to.have.length(1);
  });
});
