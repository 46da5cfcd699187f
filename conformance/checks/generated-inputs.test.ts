// Tests of the checks with generated names: the names, the end of a search, and the number of requests.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { NotAsked } from '../check-endings.ts';
import { NoAnswer } from '../http/no-answer.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { generatedInputs } from './generated-inputs.ts';

const known = 'a@b';
const good = answer(200, userInfo('a'));
const seed = 271828;

function run(id: string, explore: number, others: NonNullable<FakeOptions['respond']>, knownUsers = [known]) {
  const respond: NonNullable<FakeOptions['respond']> = (request, index) =>
    request.userids[0] === knownUsers[0] ? good : others(request, index);
  const created = createFakeContext({ respond, options: { knownUsers, explore, seed } });
  return { ...created, ended: checkOf(generatedInputs, id).run(created.context) };
}

/** The names of the generated requests. */
const namesOf = (sent: readonly ShortRequest[]) =>
  sent.flatMap(({ query }) => (query === undefined ? [] : [decodeURIComponent(query.replace(/^userid=/, ''))]));

const fragments = [
  ...["'", '"', '`', '\\', '%', '_', '*', '?', '.', '..', '/', '^', '$', '(', ')', '[', ']', '{', '}', '|', '&', ';'],
  ...[':', ',', '#', '=', '!', '~', '+', '<', '>', '-', '--', '%20', '%00', '\\u0000', '{{kit}}'],
  ...['\0', '\n', '\r\n', '\t', '\u007f', '\u00a0', '\u00ad', '\u200b', '\u202e', '\u0301', '\ufeff', 'ß', '😀', 'kit'],
];

describe('generated-names-refused', () => {
  const id = 'generated-names-refused';

  it('sends every fragment before and after the known name, unless it is white space, and invented names', async () => {
    const { ended, sent } = run(id, 1500, () => answer(404));
    expect(await endingOf(ended)).to.equal('passed');
    const names = namesOf(sent);
    const sentNames = new Set(names);
    const visible = fragments.filter((fragment) => fragment.trim() !== '');
    expect(visible.filter((fragment) => !sentNames.has(`${fragment}${known}`))).to.deep.equal([]);
    expect(visible.filter((fragment) => !sentNames.has(`${known}${fragment}`))).to.deep.equal([]);
    expect(names.filter((name) => name.trim() === known)).to.deep.equal([]);
    expect(names.some((name) => name.includes(known) && !name.startsWith(known) && !name.endsWith(known))).to.equal(
      true,
    );
    const invented = names.filter((name) => !name.includes(known));
    expect(invented).to.not.have.length(0);
    expect(invented.every((name) => name.startsWith('kit-'))).to.equal(true);
  }).timeout(20_000);

  it('shows everything but the known name', async () => {
    const { ended, sent } = run(id, 50, () => answer(404));
    await ended;
    for (const { query, shown } of sent.slice(1))
      expect(shown?.replace(`\${KNOWN_USER_ENCODED}`, 'a%40b')).to.equal(query);
    expect(sent.some(({ shown }) => shown?.includes(`\${KNOWN_USER_ENCODED}`))).to.equal(true);
  });

  it('finds the data of the known user, and other data where the unknown user is refused', async () => {
    const finding = await findingOf(run(id, 200, ({ query }) => (query?.includes('!') ? good : answer(404))).ended);
    expect(finding.seen).to.equal('the data of the known user');
    expect(finding.asked).to.equal(`a generated user name that no user has (--explore 200 --seed ${seed})`);
    expect(finding.answers).to.have.length(1);
    const other = ({ query }: ShortRequest) => (query?.includes('!') ? answer(200, userInfo('b')) : answer(404));
    expect(await endingOf(run(id, 200, other).ended)).to.equal('violated: status 200: user info');
  });

  it('is untestable where every name gets a 200 with different data', async () => {
    const { ended, sent } = run(id, 20, () => answer(200, userInfo('b')));
    expect(await endingOf(ended)).to.equal('untestable: The request was not refused: see unknown-user-refused.');
    expect(sent, 'it sends nothing more').to.have.length(3);
  });

  it('accepts closed connections, and stops at the first other failure', async () => {
    expect(await endingOf(run(id, 20, closed).ended)).to.equal('passed');
    const { ended, sent } = run(id, 20, (_question, index) => (index === 5 ? new NotAsked('no more') : answer(404)));
    expect(await endingOf(ended)).to.equal('untestable: no more');
    expect(sent).to.have.length(6);
  });

  it('reports its finding although the search for a smaller name fails', async () => {
    let isFound = false;
    const respond = ({ query }: ShortRequest) => {
      if (isFound) return new NotAsked('no more');
      isFound = query?.includes('!') ?? false;
      return isFound ? good : answer(404);
    };
    expect(await endingOf(run(id, 200, respond).ended)).to.equal('violated: the data of the known user');
  });

  it('sends at most 50 requests for a smaller name', async () => {
    const { ended, sent } = run(id, 10, ({ query }) => (query?.includes('a%40b') ? good : answer(404)));
    expect(await endingOf(ended)).to.include('violated: ');
    expect(sent.length).to.be.at.most(1 + 10 + 50);
  });
});

describe('known-user-stable-after-generated-names', () => {
  const id = 'known-user-stable-after-generated-names';
  const stable = (after: (name: string, index: number) => ReturnType<typeof answer> | Error, explore = 200) => {
    let last = '';
    const created = createFakeContext({
      respond({ userids, query = '' }, index) {
        if (userids[0] === known) return last === '' ? good : after(last, index);
        last = decodeURIComponent(query.replace(/^userid=/, ''));
        return answer(404);
      },
      options: { knownUsers: [known], explore, seed },
    });
    return { ...created, ended: checkOf(generatedInputs, id).run(created.context) };
  };

  it('requests the known user after each invented name, which are of every kind', async () => {
    const { ended, sent } = stable(() => good, 1500);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length.within(1501, 3001);
    expect(sent.at(-1)).to.deep.equal({ userids: [known] });
    const names = namesOf(sent);
    expect(fragments.filter((fragment) => !names.includes(`kit-${fragment}`))).to.deep.equal([]);
    expect(names.every((name) => name.startsWith('kit-'))).to.equal(true);
    expect(names.some((name) => /^kit-\p{L}/u.test(name) && !fragments.includes(name.slice(4)))).to.equal(true);
    for (const { query, shown } of sent) expect(shown).to.equal(query);
  }).timeout(20_000);

  it('finds different data, a different status, and a missing response', async () => {
    const finding = async (came: ReturnType<typeof answer> | Error) => {
      let count = 0;
      const isOnce = came instanceof Error || came.status !== 200;
      return findingOf(stable((name) => (name.includes('!') && (isOnce || count++ % 2 === 0) ? came : good)).ended);
    };
    const other = await finding(answer(200, userInfo('b')));
    expect(other.seen).to.equal('other data');
    expect(other.answers?.map(({ status }) => status)).to.deep.equal([404, 200]);
    const refused = await finding(answer(500, 'x'));
    expect(refused.seen).to.equal('status 500 with application/json');
    expect(refused.answers?.map(({ status }) => status)).to.deep.equal([404, 500]);
    const silent = await finding(new NoAnswer('timeout', 'ETIMEDOUT'));
    expect(silent.seen).to.equal('no response (ETIMEDOUT)');
    expect(silent.answers?.map(({ status }) => status)).to.deep.equal([404]);
  });

  it('is untestable where the known user gets different data each time, and stops when the endpoint is unreachable', async () => {
    expect(await endingOf(stable(() => answer(200, userInfo('b'))).ended)).to.include(
      'untestable: The known user gets different data',
    );
    expect(await endingOf(stable(() => new NoAnswer('unreachable', 'ECONNREFUSED')).ended)).to.equal(
      'no answer: ECONNREFUSED',
    );
  });
});

describe('generated-encodings-decoded', () => {
  const id = 'generated-encodings-decoded';
  it('writes each byte in every equivalent encoding', async () => {
    const { ended, sent } = run(id, 500, () => good, ['j\té/']);
    expect(await endingOf(ended)).to.equal('passed');
    const queries = new Set(sent.slice(1).map(({ query }) => query));
    const expected = ['j', '%6a', '%6A'].flatMap((first) =>
      ['%c3', '%C3'].flatMap((second) =>
        ['%a9', '%A9'].flatMap((third) => ['%2f', '%2F'].map((last) => `userid=${first}%09${second}${third}${last}`)),
      ),
    );
    expect([...queries].sort()).to.deep.equal(expected.sort());
  });

  it('finds a refusal, different data and a closed connection', async () => {
    const finding = await findingOf(run(id, 50, () => answer(404, 'x')).ended);
    expect(finding.seen).to.equal('status 404 with application/json');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run(id, 50, () => answer(200, userInfo('b'))).ended)).to.include('violated: status 200');
    const silent = await findingOf(run(id, 50, closed).ended);
    expect(silent.seen).to.equal('a closed connection');
    expect(silent).to.not.have.property('answers');
  });

  it('needs the option', () => {
    for (const { needs } of generatedInputs.checks) expect(needs).to.deep.equal(['control', 'explore']);
  });
});
