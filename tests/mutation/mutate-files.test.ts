// Tests, on one line of a check, that its changes are tried at the gate and that what nothing notices is told.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { mutateFiles } from './mutate-files.ts';

describe('mutateFiles', () => {
  it('tries the changes of a line, leaves out its words, and tells which change no test notices', async function () {
    this.timeout(180_000);
    const file = 'conformance/checks/body.ts';
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('body.length > maxBytes')) + 1;
    const [mutation] = await mutateFiles([`${file}:${line}-${line}`], 1);
    if (!mutation) throw new Error('There is no result.');
    const { result, unnoticed } = mutation;
    // No endpoint of the gate has a body of exactly 1 MiB.
    expect(unnoticed).to.have.length(1);
    expect(unnoticed[0]).to.match(
      /^Survived conformance\/checks\/body\.ts:\d+:\d+ EqualityOperator: body\.length >= maxBytes {3}in/,
    );
    expect(result.survived).to.equal(1);
    expect(result.killed).to.be.greaterThan(2);
    expect(result.ignored).to.be.greaterThan(0);
    expect(result.timedOut + result.notReached + result.failed).to.equal(0);
  });
});
