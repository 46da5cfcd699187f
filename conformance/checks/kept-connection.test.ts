// Tests of two requests on one connection.
import { expect } from 'chai';
import { NoAnswer } from '../http/no-answer.ts';
import { answer, closed, createFakeContext, endingOf, type FakeOptions } from '../testing/fake-context.ts';
import { askOnKeptConnection } from './kept-connection.ts';

const first = { userids: ['a'] };
const second = { userids: ['b'] };

/** Runs both requests. */
function ask(fake: FakeOptions) {
  const { context, sent, opened } = createFakeContext(fake);
  return { came: askOnKeptConnection(context, first, second), sent, opened };
}

const then = (response: ReturnType<typeof answer> | Error): FakeOptions => ({
  onConnection: (_question, index) => (index === 0 ? answer(200) : response),
});

describe('askOnKeptConnection', () => {
  it('returns the response to the second request', async () => {
    const response = answer(404);
    const { came, sent, opened } = ask(then(response));
    expect(await came).to.equal(response);
    expect(sent).to.deep.equal([first, second]);
    expect(opened).to.deep.equal([first]);
  });

  it('returns null when the endpoint closes the connection, before or after the second request is sent', async () => {
    const { came, sent } = ask({ ...then(answer(404)), closesAfter: 1 });
    expect(await came).to.equal(null);
    expect(sent).to.deep.equal([first]);
    expect(await ask(then(closed())).came).to.equal(null);
  });

  it('throws every other failure', async () => {
    expect(await endingOf(ask(then(new NoAnswer('timeout', 'ETIMEDOUT'))).came)).to.equal('no answer: ETIMEDOUT');
    const bug = new TypeError('a bug');
    expect(await ask(then(bug)).came.catch((error: unknown) => error)).to.equal(bug);
  });

  it('is untestable when the first response is not a 200, and sends no further request', async () => {
    const { came, sent } = ask({ onConnection: () => answer(401) });
    expect(await endingOf(came))
      .to.include('untestable: ')
      .and.to.include('401');
    expect(sent).to.deep.equal([first]);
  });
});
