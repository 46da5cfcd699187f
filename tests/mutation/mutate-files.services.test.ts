// Tests, with single lines of checks, that mutants are tested at the gate, and that undetected ones are reported.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { mutateFiles } from './mutate-files.ts';

/** Returns the first line of a file that contains `text`, as Stryker names it. */
function lineOf(file: string, text: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines.findIndex((each) => each.includes(text)) + 1;
  return `${file}:${line}-${line}`;
}

describe('mutateFiles', () => {
  it('tests the mutants of a line against the injected faults when the line has no unit test, and excludes texts', async function () {
    this.timeout(300_000);
    const line = lineOf('conformance/checks/userid.ts', "requests: () => [{ userids: [''] }]");
    const [mutation] = await mutateFiles([line], { processes: 1 });
    expect(mutation?.undetected).to.deep.equal([]);
    expect(mutation?.result.killed).to.be.greaterThan(2);
    expect(mutation?.result.ignored).to.be.greaterThan(0);
  });

  it('reports a mutant that no test detects', async function () {
    this.timeout(180_000);
    const file = 'conformance/checks/response-time.ts';
    const [mutation] = await mutateFiles([lineOf(file, 'answers[0]?.totalMs')], { processes: 1, isGateUsed: false });
    // There is always a first response, so only the compiler requires the question mark.
    expect(mutation?.undetected).to.have.length(1);
    expect(mutation?.undetected[0]).to.match(
      /^Survived conformance\/checks\/response-time\.ts:\d+:\d+ OptionalChaining: answers\[0\]\.totalMs {3}in/,
    );
    expect(mutation?.result.survived).to.equal(1);
    expect(mutation?.result.killed).to.be.greaterThan(2);
    // An endless loop.
    expect(mutation?.result.timedOut).to.equal(1);
    expect(mutation?.result.notReached).to.equal(0);
  });
});
