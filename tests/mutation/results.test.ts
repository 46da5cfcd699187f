// Tests that the committed results belong to existing files, and that the scores are not below fixed minimums.
import { expect } from 'chai';
import { contractFiles, mutatedFiles } from './mutated-files.ts';
import { readMutationResults, scoreResults } from './results.ts';

describe('the results of mutation testing', () => {
  const results = readMutationResults();
  const scoreOf = (isCounted: (file: string) => boolean) =>
    scoreResults(Object.entries(results).flatMap(([file, result]) => (isCounted(file) ? [result] : [])));

  it('belong to mutated files only, in their order', () => {
    expect(Object.keys(results)).to.deep.equal(mutatedFiles.filter((file) => file in results));
  });

  it('contain every file with contract checks, with at least 90% of the mutants detected', () => {
    expect(contractFiles.filter((file) => !(file in results))).to.deep.equal([]);
    const { detected, tested } = scoreOf((file) => contractFiles.includes(file));
    expect(tested).to.be.greaterThan(1500);
    expect(detected / tested).to.be.at.least(0.9);
  });

  it('have at least 80% of the mutants of the checks detected', () => {
    const { detected, tested } = scoreOf((file) => file.startsWith('conformance/checks/'));
    expect(tested).to.be.greaterThan(1500);
    expect(detected / tested).to.be.at.least(0.8);
  });
});

describe('scoreResults', () => {
  it('counts a timeout as detected and a mutant without a test as undetected, and excludes other results', () => {
    const result = { date: '2026-11-25', killed: 5, timedOut: 1, survived: 2, notReached: 3, failed: 7, ignored: 11 };
    expect(scoreResults([result, result])).to.deep.equal({ detected: 12, tested: 22 });
  });
});
