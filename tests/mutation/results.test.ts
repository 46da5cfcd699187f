// Tests that the committed results are of the files that are there, and that the checks are held by their tests.
import { expect } from 'chai';
import { mutatedFiles } from './mutated-files.ts';
import { readMutationResults, scoreResults } from './results.ts';

describe('the results of mutation testing', () => {
  const results = readMutationResults();

  it('are of files that are there and are changed, in order', () => {
    expect(Object.keys(results)).to.deep.equal(mutatedFiles.filter((file) => file in results));
  });

  it('say that at least 80 of 100 changes of the checks are noticed', () => {
    const checks = Object.entries(results).filter(([file]) => file.startsWith('conformance/checks/'));
    const { noticed, tried } = scoreResults(checks.map(([, result]) => result));
    expect(tried).to.be.greaterThan(500);
    expect(noticed / tried).to.be.at.least(0.8);
  });
});

describe('scoreResults', () => {
  it('counts what timed out as noticed, what no test reaches as not, and the rest not at all', () => {
    const result = { date: '2026-11-25', killed: 5, timedOut: 1, survived: 2, notReached: 3, failed: 7, ignored: 11 };
    expect(scoreResults([result, result])).to.deep.equal({ noticed: 12, tried: 22 });
  });
});
