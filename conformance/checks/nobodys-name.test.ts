// Tests of the builder of checks of nonexistent names: the requests, the choice of a known user, and what counts as a violation.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { MissingInput } from '../check-endings.ts';
import { NoAnswer } from '../http/no-answer.ts';
import {
  answer,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { findMeaning } from '../user-info-body.ts';
import {
  around,
  askKnownMeaning,
  assertSteady,
  findSuitableUser,
  isAccessOf,
  nobodysNameCheck,
  showFor,
  withLast,
  withLetter,
} from './nobodys-name.ts';

const meaningOf = (group: string) => findMeaning(answer(200, userInfo(group)).body) ?? '';

describe('the names', () => {
  it('contain text around the known name', () => {
    expect(around('a ', 'ada', '"b')).to.deep.equal({ userids: ['a ada"b'], shown: `a \${KNOWN_USER}\\"b` });
  });

  it('have a different last letter, by code points', () => {
    expect(withLast('ada😀', '*')).to.deep.equal({ userids: ['ada*'], shown: `\${KNOWN_USER%?}*` });
    expect(withLast('x', '$').shown).to.equal(`\${KNOWN_USER%?}\\$`);
  });

  it('have the first suitable letter replaced', () => {
    expect(withLetter('1ada', /[a-z]/, 'a letter', (letter) => `<${letter}>`)).to.equal('1<a>da');
    expect(() => withLetter('12', /[a-z]/, 'a letter', () => '')).to.throw(
      MissingInput,
      'whose name contains a letter:',
    );
  });
});

describe('isAccessOf', () => {
  it('compares groups and authorizations of 200 responses only', () => {
    expect(isAccessOf(meaningOf('a'), answer(200, userInfo('a')))).to.equal(true);
    expect(isAccessOf(meaningOf('a'), answer(200, userInfo('b')))).to.equal(false);
    expect(isAccessOf(meaningOf('a'), answer(403, userInfo('a')))).to.equal(false);
    expect(isAccessOf(meaningOf('a'), null)).to.equal(false);
  });
});

describe('askKnownMeaning', () => {
  const fake = () => createFakeContext({ respond: ({ userids }) => answer(200, userInfo(userids[0] ?? '')) });

  it('requests the first known user, or the given one', async () => {
    const { context, sent } = fake();
    expect(await askKnownMeaning(context)).to.equal(meaningOf('ada@kit.test'));
    expect(await askKnownMeaning(context, 'bob')).to.equal(meaningOf('bob'));
    expect(sent).to.deep.equal([{ userids: ['ada@kit.test'] }, { userids: ['bob'] }]);
  });

  for (const [name, response] of Object.entries({
    'a 404': answer(404, userInfo('a')),
    'a 200 that is not JSON': answer(200, 'x'),
  })) {
    it(`is untestable for ${name}`, async () => {
      const { context } = createFakeContext({ respond: () => response });
      expect(await endingOf(askKnownMeaning(context))).to.include(
        'untestable: A known user did not get a 200 with readable JSON',
      );
    });
  }
});

describe('assertSteady', () => {
  it('passes when the same user gets the same data again', async () => {
    const { context, sent } = createFakeContext({ respond: () => answer(200, userInfo('a')) });
    expect(await endingOf(assertSteady(context, 'bob', meaningOf('a')))).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['bob'] }]);
    expect(await endingOf(assertSteady(context, 'bob', meaningOf('b')))).to.include(
      'untestable: The known user gets different data each time',
    );
  });
});

describe('findSuitableUser', () => {
  const knownUsers = ['1', 'bob', 'carl'];
  const find = (respond: NonNullable<FakeOptions['respond']>, users = knownUsers) => {
    const { context, sent } = createFakeContext({ respond, options: { knownUsers: users } });
    const found = findSuitableUser(context, (name) => {
      if (name === '1') throw new MissingInput('Give a name with letters.');
      if (name === '2') throw new MissingInput('Give a name with other letters.');
      return name.toUpperCase();
    });
    return { found, sent };
  };

  it('returns the first user with a suitable name and a 200, and the name made from it', async () => {
    const { found, sent } = find(() => answer(200));
    expect(await found).to.deep.equal({ userid: 'bob', made: 'BOB' });
    expect(sent, 'an unsuitable name is not requested').to.deep.equal([{ userids: ['bob'] }]);
  });

  it('skips users who get a different status or no response', async () => {
    const others: readonly ReturnType<typeof answer | typeof closed>[] = [
      answer(404),
      closed(),
      new NoAnswer('timeout', 'ETIMEDOUT'),
    ];
    for (const other of others) {
      const { found } = find(({ userids }) => (userids[0] === 'bob' ? other : answer(200)));
      expect(await found).to.deep.equal({ userid: 'carl', made: 'CARL' });
    }
  });

  it('stops when the endpoint cannot be reached, or with any other exception', async () => {
    expect(await endingOf(find(() => new NoAnswer('unreachable', 'ECONNREFUSED')).found)).to.equal(
      'no answer: ECONNREFUSED',
    );
    const error = new TypeError('a bug');
    expect(await find(() => error).found.catch((thrown: unknown) => thrown)).to.equal(error);
    const { context } = createFakeContext({});
    const failing = findSuitableUser(context, () => {
      throw error;
    });
    expect(await failing.catch((thrown: unknown) => thrown)).to.equal(error);
  });

  it('is skipped with the advice for the first name when no user has a suitable name', async () => {
    expect(await endingOf(find(() => answer(200), ['1', '2']).found)).to.equal('skipped: Give a name with letters.');
  });

  it('is untestable when no user with a suitable name gets a 200, or when there are no known users', async () => {
    const untestable = 'untestable: No known user with a suitable name got a 200: see known-user-200.';
    expect(await endingOf(find(() => answer(404)).found)).to.equal(untestable);
    expect(await endingOf(find(() => answer(404), ['bob', '1']).found)).to.equal(untestable);
    expect(await endingOf(find(() => answer(404), []).found)).to.equal(untestable);
  });
});

describe('showFor', () => {
  const { context } = createFakeContext({ options: { knownUsers: ['ada', 'bob'] } });
  const shown = (userid: string, text: string) => showFor(context, userid, { userids: ['x'], shown: text });

  it('shows the variable of the user, wherever the shell expands it', () => {
    expect(shown('bob', `\${KNOWN_USER}-\${#KNOWN_USER} "$KNOWN_USER" KNOWN_USER`)).to.deep.equal({
      userids: ['x'],
      shown: `\${SECOND_KNOWN_USER}-\${#SECOND_KNOWN_USER} "$SECOND_KNOWN_USER" KNOWN_USER`,
    });
    expect(shown('ada', `\${KNOWN_USER%?}`).shown).to.equal(`\${KNOWN_USER%?}`);
    expect(shown('nobody', `\${KNOWN_USER%?}`).shown).to.equal(`\${KNOWN_USER%?}`);
  });

  it('leaves a request without a shown form unchanged', () => {
    const endpointRequest = { userids: ['x'] };
    expect(showFor(context, 'bob', endpointRequest)).to.equal(endpointRequest);
  });
});

describe('nobodysNameCheck', () => {
  const head = {
    ...({ id: 'kit-name', title: 'MUST', ruleSet: 'contract', level: 'MUST', clauses: ['C-9'] } as const),
    ...({ impact: 'silently-wrong-access', request: 'a name', why: 'Why.', change: 'compare names' } as const),
  };
  const check = nobodysNameCheck({
    ...head,
    requests: (known) => [around('', known, '1'), around('', known, '2')],
  });
  const knownUsers = ['ada', 'bob'];

  /** Runs the check where the known users get a 200 and the other names get `others`. */
  const run = (others: (userid: string) => ReturnType<typeof answer> | Error, known: unknown = userInfo('a')) => {
    const respond = ({ userids: [userid = ''] }: ShortRequest) =>
      knownUsers.includes(userid) ? answer(200, known) : others(userid);
    const { context, sent, controls } = createFakeContext({ respond, options: { knownUsers } });
    return { ended: check.run(context), sent, controls };
  };

  it('uses the given advice and needs, or the usual ones', () => {
    expect(check.fix).to.deep.equal([{ stack: 'any', text: 'Compare names.' }]);
    expect(check.needs).to.deep.equal(['control']);
    const more = nobodysNameCheck({
      ...head,
      fix: [{ stack: 'go', text: 'Use ==.' }],
      needs: ['control', 'undeclared-case'],
      requests: () => [],
    });
    expect(more.fix.map(({ stack }) => stack)).to.deep.equal(['any', 'go']);
    expect(more.needs).to.deep.equal(['control', 'undeclared-case']);
    expect(more).to.not.have.any.keys('request', 'change', 'requests');
  });

  it('passes when every name is refused, or when its connection is closed while the control works', async () => {
    const { ended, sent } = run(() => answer(404));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.map(({ userids }) => userids[0])).to.deep.equal(['ada', 'ada1', 'ada2']);
    const { ended: other, controls } = run((userid) => (userid === 'ada1' ? closed() : answer(400)));
    expect(await endingOf(other)).to.equal('passed');
    expect(controls()).to.equal(1);
  });

  it('finds that a name gets the data of the known user, even if it is the last name', async () => {
    const { ended } = run((userid) => (userid === 'ada2' ? answer(200, userInfo('a')) : answer(404)));
    const finding = await findingOf(ended);
    expect(finding).to.include({
      asked: 'a name',
      seen: 'status 200 with application/json: the data of the known user',
    });
    expect(finding.answers).to.have.length(1);
  });

  it('finds a 200 with different data when the unknown user is refused', async () => {
    const { ended, sent } = run((userid) => (userid === 'ada1' ? answer(200, userInfo('b')) : answer(404)));
    expect(await endingOf(ended)).to.equal('violated: status 200 with application/json: user info');
    expect(sent.at(-1)).to.deep.equal({ userids: ['nobody@kit.test'] });
  });

  it('is untestable when every name gets a 200 with different data', async () => {
    expect(await endingOf(run(() => answer(200, userInfo('b'))).ended)).to.equal(
      'untestable: The request was not refused: see unknown-user-refused.',
    );
  });

  it('does not treat two bodies that are not JSON as the same data', async () => {
    const { ended } = run((userid) => (userid === 'ada1' ? answer(200, 'x') : answer(404)), 'x');
    expect(await endingOf(ended)).to.equal('violated: status 200 with application/json: a body that is not JSON');
  });

  it('derives the names from the first known user with a 200, and shows that user', async () => {
    const respond = ({ userids: [userid = ''] }: ShortRequest) =>
      userid.startsWith('bob') ? answer(200, userInfo('b')) : answer(404);
    const { context, sent } = createFakeContext({ respond, options: { knownUsers } });
    expect(await endingOf(check.run(context))).to.include('violated:');
    expect(sent.at(-1)).to.deep.equal({ userids: ['bob1'], shown: `\${SECOND_KNOWN_USER}1` });
  });
});
