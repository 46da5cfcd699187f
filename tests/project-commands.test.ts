// Tests which commands of a page require a clone of the project.
import { dirname } from 'node:path';
import { expect } from 'chai';
import { findProjectCommand } from './project-commands.ts';

const projectRoot = dirname(import.meta.dirname);
const description = {
  name: 'kit',
  scripts: { start: 'node cli/user-info.mjs serve --dev', test: 'x', 'check:types': 'y' },
};
const find = (command: string) => findProjectCommand(command, description, projectRoot);

describe('a command of a page', () => {
  for (const command of [
    'npm ci',
    'npm test',
    'npm ci && npm test',
    'npm run check:types',
    'npx mocha tests/project-commands.test.ts',
    'git clone https://example.com/kit.git',
    'npm install --global kit',
    '.ci/run',
  ]) {
    it(`is skipped because the project's own tests run it: ${command}`, () =>
      expect(find(command)).to.deep.equal({ kind: 'skip' }));
  }

  it('is replaced by the script in package.json when it is npm start', () => {
    expect(find('npm ci && npm start')).to.deep.equal({ kind: 'start', command: 'user-info serve --dev' });
    expect(find('npm start -- --port 0')).to.deep.equal({ kind: 'start', command: 'user-info serve --dev --port 0' });
  });

  for (const command of [
    'user-info --help',
    'npm ci && rm -r x',
    'npm install other',
    'npm config list',
    'npx mocha',
  ]) {
    it(`is run unchanged: ${command}`, () => expect(find(command)).to.equal(null));
  }

  it('is rejected when the project has no such script or test', () => {
    expect(() => find('npm run gone')).to.throw('no script "gone"');
    expect(() => find('npx mocha tests/gone.test.ts')).to.throw('no tests/gone.test.ts');
  });
});
