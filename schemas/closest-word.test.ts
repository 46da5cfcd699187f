// Tests of the suggestions for "did you mean".
import { expect } from 'chai';
import { findClosestWord } from './closest-word.ts';

describe('the closest word', () => {
  const cases: ReadonlyArray<readonly [word: string, candidates: readonly string[], expected: string | null]> = [
    ['snowflakes', ['databricks', 'snowflake'], 'snowflake'],
    ['useSsl', ['useAuth', 'useSSL'], 'useSSL'],
    ['password', ['username', 'passwordEnv', 'passwordFile'], 'passwordEnv'],
    ['PASSWORD', ['passwordFile'], 'passwordFile'],
    ['use', ['useAuthentication'], null],
    ['oracle', ['databricks', 'snowflake'], null],
    ['ab', ['xy'], null],
    ['x', [], null],
  ];
  for (const [word, candidates, expected] of cases) {
    it(`to ${word} among ${candidates.join(', ') || 'nothing'} is ${expected}`, () => {
      expect(findClosestWord(word, candidates)).to.equal(expected);
    });
  }
});
