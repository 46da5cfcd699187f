// Tests of the checks of names that resemble a known one: the exact names, and which responses are violations.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
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
import { identity } from './identity.ts';

type Response = ReturnType<typeof answer> | Error;

/** Runs a check where each known user gets own data, and every other name gets `others`. */
function run(
  id: string,
  knownUsers: readonly string[],
  others: (request: ShortRequest) => Response = () => answer(404),
) {
  const respond: NonNullable<FakeOptions['respond']> = (request) => {
    const { userids, query } = request;
    const isKnown = query === undefined && knownUsers.includes(userids[0] ?? '');
    return isKnown ? dataOf(userids[0] ?? '') : others(request);
  };
  const created = createFakeContext({ respond, options: { knownUsers } });
  return { ...created, ended: checkOf(identity, id).run(created.context) };
}

const dataOf = (userid: string) => answer(200, userInfo(`group of ${userid}`));

/** Returns the userids or queries that a check requests in addition to the known user. Asserts that the check passes. */
async function namesOf(id: string, ...knownUsers: readonly string[]) {
  const { ended, sent } = run(id, knownUsers);
  expect(await endingOf(ended)).to.equal('passed');
  return sent.slice(1).map(({ userids, query }) => query ?? userids[0]);
}

describe('userid-part-refused', () => {
  const id = 'userid-part-refused';
  /** Runs the check against an endpoint where these parts of "abcdef" get the data of that user. */
  const runWith = (...found: readonly string[]) =>
    run(id, ['abcdef'], ({ userids }) => (found.includes(userids[0] ?? '') ? dataOf('abcdef') : answer(404)));

  it('requests the name without its last letter, and without its first one', async () => {
    expect(await namesOf(id, 'abcdef')).to.deep.equal(['abcde', 'bcdef']);
    expect(await namesOf(id, 'xyz', '😀bcde')).to.deep.equal(['😀bcd', 'bcde']);
    const { sent, ended } = runWith('abcde', 'bcdef');
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.slice(1)).to.deep.equal([
      { userids: ['abcde'], shown: `\${KNOWN_USER%?}` },
      { userids: ['abcd'], shown: `\${KNOWN_USER%??}` },
      { userids: ['bcdef'], shown: `\${KNOWN_USER#?}` },
      { userids: ['cdef'], shown: `\${KNOWN_USER#??}` },
    ]);
  });

  it('finds that a name without two letters at either end gets the same data', async () => {
    for (const found of [
      ['abcde', 'abcd'],
      ['bcdef', 'cdef'],
    ]) {
      const finding = await findingOf(runWith(...found).ended);
      expect(finding.seen).to.equal('the data of the known user for both');
      expect(finding.answers).to.have.length(1);
    }
    expect(await endingOf(runWith('abcd', 'cdef').ended)).to.equal('passed');
  });

  it('needs a name of five letters, of any known user', async () => {
    expect(await namesOf(id, 'xyz', 'abcde')).to.deep.equal(['abcd', 'bcde']);
    expect(await endingOf(run(id, ['abcd']).ended)).to.include(
      'skipped: Add a known user whose name has 5 letters or more',
    );
  });
});

describe('the names that no user has', () => {
  const cases: readonly (readonly [id: string, known: string, names: readonly (string | undefined)[]])[] = [
    ['userid-extended-refused', 'ada', ['ada-kit-other', 'kit-other-ada']],
    ['userid-list-refused', 'ada', ['ada,kit-other']],
    ['userid-quoted-refused', 'ada', ['"ada"', '<ada>']],
    ['userid-other-domain-refused', 'ada', ['ada@kit-other.invalid', 'KIT-OTHER\\ada']],
    ['userid-other-domain-refused', 'a@b@c', ['a@b@kit-other.invalid', 'KIT-OTHER\\a@b@c']],
    ['userid-other-domain-refused', '@c', ['@c@kit-other.invalid', 'KIT-OTHER\\@c']],
    ['userid-other-domain-refused', 'a@b', ['a@kit-other.invalid', 'KIT-OTHER\\a@b']],
    ['userid-tag-refused', 'ada', ['ada+kit-other']],
    ['userid-tag-refused', 'ada@b.c', ['ada+kit-other@b.c']],
    ['userid-spaces-refused', 'a@b', [' a@b', 'a@b ', 'userid=a%40b+', 'a@b\u00a0']],
    ['userid-accents-refused', 'xOe', ['x\u020ce']],
    ['userid-accents-refused', 'xie', ['x\u0209e']],
    ['userid-invisible-refused', '😀ab', ['😀\u00adab', '😀\u200bab']],
    ['userid-invisible-refused', 'a', ['a\u00ad', 'a\u200b']],
    ['userid-wide-letter-refused', '-a0', ['-\uff410']],
    ['userid-wide-letter-refused', '-9a', ['-\uff19a']],
    ['userid-wide-letter-refused', '-Za', ['-\uff3aa']],
  ];
  for (const [id, known, names] of cases) {
    it(`${id} sends ${JSON.stringify(names)} for ${known}`, async () => {
      expect(await namesOf(id, known)).to.deep.equal(names);
      let count = 0;
      const { ended } = run(id, [known], ({ userids }) =>
        userids[0] !== 'nobody@kit.test' && ++count === names.length ? dataOf(known) : answer(404),
      );
      expect(await endingOf(ended)).to.include('the data of the known user');
    });
  }

  it('are shown with the variable of the known user', async () => {
    const shownIn = async (id: string, userid: string) => {
      const { ended, sent } = run(id, [userid]);
      await endingOf(ended);
      return sent.slice(1).map(({ shown }) => shown);
    };
    expect(await shownIn('userid-tag-refused', 'ada')).to.deep.equal([`\${KNOWN_USER}+kit-other`]);
    expect(await shownIn('userid-tag-refused', 'ada@b')).to.deep.equal([
      `\${KNOWN_USER%@*}+kit-other@\${KNOWN_USER##*@}`,
    ]);
    const { ended, sent } = run('userid-spaces-refused', ['ada']);
    await endingOf(ended);
    expect(sent[3]).to.deep.equal({ userids: [], query: 'userid=ada+', shown: `userid=\${KNOWN_USER_ENCODED}+` });
  });

  it('need a letter that can be replaced', async () => {
    expect(await endingOf(run('userid-accents-refused', ['123']).ended)).to.include('one of the letters a, e, i, o');
    expect(await endingOf(run('userid-wide-letter-refused', ['--']).ended)).to.include(
      'a letter from a to z, or a digit',
    );
  });

  it('have their own needs', () => {
    expect(checkOf(identity, 'userid-spaces-refused').needs).to.deep.equal(['control', 'undeclared-spaces']);
    expect(checkOf(identity, 'userid-list-refused').needs).to.deep.equal(['control']);
  });
});

describe('the checks that two names belong to different users', () => {
  const cases: readonly (readonly [id: string, knownUsers: readonly string[], request: ShortRequest])[] = [
    ['userid-letter-case', ['1', 'aDa'], { userids: ['ADA'], shown: '$(printf %s "$SECOND_KNOWN_USER" | tr a-z A-Z)' }],
    ['userid-letter-case', ['ADA'], { userids: ['ada'], shown: '$(printf %s "$KNOWN_USER" | tr A-Z a-z)' }],
    ['userid-unicode-form', ['ada', 'é'], { userids: ['e\u0301'] }],
    ['userid-unicode-form', ['e\u0301'], { userids: ['é'] }],
    ['userid-local-part', ['ada', 'bob@x'], { userids: ['bob'], shown: `\${SECOND_KNOWN_USER%@*}` }],
  ];
  for (const [id, knownUsers, request] of cases) {
    const known = knownUsers.at(-1) ?? '';
    it(`${id} sends ${JSON.stringify(request.userids)}, and finds the data of the known user`, async () => {
      const { ended, sent } = run(id, knownUsers);
      expect(await endingOf(ended)).to.equal('passed');
      expect(sent).to.deep.equal([{ userids: [known] }, request]);
      const finding = await findingOf(run(id, knownUsers, () => dataOf(known)).ended);
      expect(finding.seen).to.equal('the data of the known user');
      expect(finding.answers).to.have.length(1);
      expect(await endingOf(run(id, knownUsers, closed).ended)).to.equal('passed');
      expect(await endingOf(run(id, knownUsers, () => answer(200, userInfo('other'))).ended)).to.equal('passed');
    });
  }

  it('need a suitable name', async () => {
    expect(await endingOf(run('userid-letter-case', ['123']).ended)).to.include(
      'skipped: Add a known user whose name contains letters',
    );
    expect(await endingOf(run('userid-unicode-form', ['ada']).ended)).to.include(
      'skipped: Add a known user with a letter such as é',
    );
    expect(await endingOf(run('userid-local-part', ['ada', '@x']).ended)).to.include(
      'skipped: Add a known user whose name is an e-mail',
    );
  });

  it('are untestable without data of the known user', async () => {
    const { context } = createFakeContext({ respond: () => answer(200, 'x'), options: { knownUsers: ['ada@x'] } });
    for (const id of ['userid-letter-case', 'userid-local-part', 'userid-part-refused'])
      expect(await endingOf(checkOf(identity, id).run(context))).to.include(
        'untestable: A known user did not get a 200 with readable JSON',
      );
  });
});
