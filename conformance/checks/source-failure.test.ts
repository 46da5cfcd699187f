// Tests of the checks of an unavailable data source, on every kind of response during an outage and after it.
import { expect } from 'chai';
import { answer, checkOf, closed, createFakeContext, endingOf, findingOf, userInfo } from '../testing/fake-context.ts';
import { sourceFailure } from './source-failure.ts';

type Response = ReturnType<typeof answer> | Error;

const good = answer(200, userInfo('a'));

/** Runs a check against an endpoint where the only known user gets these responses during the outage and this response after it. */
function run(id: string, down: readonly Response[], back: Response = good) {
  // The user is requested twice before the outage.
  const responses = [good, good, ...down];
  const { context } = createFakeContext({
    respond: (_question, index) => responses[index] ?? back,
    options: { hook: { breakCommand: 'true', restoreCommand: 'true', timeoutMs: 600 } },
  });
  return checkOf(sourceFailure, id).run(context);
}

const end = (id: string, down: Response, back?: Response) => endingOf(run(id, [down], back));
const unavailable = answer(503, { title: 'no' });
/** Repeats a response for at least as long as the outage. */
const always = (response: Response) => Array.from({ length: 40 }, () => response);

describe('the checks during an outage', () => {
  it('pass for a 503 with Retry-After', async () => {
    const best = answer(503, { title: 'no' }, { rawHeaders: [['Retry-After', '5']] });
    for (const { id } of sourceFailure.checks) expect(await end(id, best), id).to.equal('passed');
  });

  it('source-down-no-wrong-200 finds a 200 with different data', async () => {
    const finding = await findingOf(
      run('source-down-no-wrong-200', [answer(200, { groups: [], authorizations: {} }), unavailable]),
    );
    expect(finding.seen).to.equal('status 200 with other data than before the outage: user info that is empty');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run('source-down-no-wrong-200', [good, unavailable]))).to.equal('passed');
    expect(await end('source-down-no-wrong-200', closed())).to.equal('passed');
    expect(await end('source-down-no-wrong-200', unavailable)).to.equal('passed');
  });

  it('source-down-refused finds that every request gets a 200', async () => {
    expect(await endingOf(run('source-down-refused', always(good)))).to.match(
      /^violated: status 200 for all \d+ requests$/,
    );
    expect(await end('source-down-refused', closed())).to.equal('passed');
  });

  it('source-down-answered finds a missing response', async () => {
    expect(await end('source-down-answered', closed())).to.equal('violated: no response (ECONNRESET)');
    expect(await end('source-down-answered', unavailable)).to.equal('passed');
  });

  it('source-down-5xx finds a different status', async () => {
    const finding = await findingOf(run('source-down-5xx', [answer(404, 'x')]));
    expect(finding.seen).to.equal('status 404 with application/json');
    expect(finding.answers).to.have.length(1);
    expect(await end('source-down-5xx', answer(500))).to.equal('passed');
    expect(await end('source-down-5xx', answer(499))).to.include('violated: ');
  });

  it('source-down-retry-after requires the header only with a 503', async () => {
    const finding = await findingOf(run('source-down-retry-after', [unavailable]));
    expect(finding.answers).to.have.length(1);
    expect(await end('source-down-retry-after', answer(502))).to.equal('passed');
  });

  it('source-down-error-body finds a key of user info', async () => {
    const finding = await findingOf(run('source-down-error-body', [answer(503, { groups: [] })]));
    expect(finding.seen).to.equal('status 503 with application/json, and a body with such a key');
    expect(finding.answers).to.have.length(1);
    expect(await end('source-down-error-body', closed())).to.equal('passed');
    expect(await endingOf(run('source-down-error-body', always(good)))).to.equal('passed');
  });

  it('source-down-no-inner-messages finds a stack trace, and terms of a data source', async () => {
    const id = 'source-down-no-inner-messages';
    expect(await end(id, answer(503, { detail: 'connect ECONNREFUSED 10.0.0.1:389' }))).to.include(
      ', with the address of a data source',
    );
    const finding = await findingOf(run(id, [answer(503, 'Error\n    at find (/srv/app.js:10:5)')]));
    expect(finding.seen).to.include('a stack trace of JavaScript');
    expect(finding.answers).to.have.length(1);
    expect(await end(id, unavailable)).to.equal('passed');
  });

  for (const id of ['source-down-5xx', 'source-down-retry-after', 'source-down-no-inner-messages']) {
    it(`${id} is untestable without an error response`, async () => {
      expect(await end(id, closed())).to.equal('untestable: No response arrived: see source-down-answered.');
      expect(await endingOf(run(id, always(good)))).to.equal(
        'untestable: The request was not refused: see source-down-refused.',
      );
    });
  }
});

describe('source-back-200', () => {
  const id = 'source-back-200';
  it('requires the same data again', async () => {
    expect(await end(id, unavailable)).to.equal('passed');
    const other = await findingOf(run(id, [unavailable], answer(200, userInfo('b'))));
    expect(other.seen).to.equal('status 200 with user info that differs from the data before the outage');
    expect(other.answers).to.have.length(1);
    expect(await end(id, unavailable, answer(503, userInfo('a')))).to.equal(
      'violated: status 503 with application/json',
    );
    const silent = await findingOf(run(id, [unavailable], closed()));
    expect(silent.seen).to.equal('no response (ECONNRESET)');
    expect(silent).to.not.have.property('answers');
  });

  it('needs the commands and a known user', () => {
    expect(checkOf(sourceFailure, id).needs).to.deep.equal(['hook', 'known-user']);
  });
});
