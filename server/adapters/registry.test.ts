// Tests that startup loads the configured adapter, and only the rules of the others.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Looks a user up in a separate process. @returns the URLs of all files that the process loaded, as listed by Node's coverage. */
function filesLoadedFor(source: object): string[] {
  const directory = scratchDirectory();
  const config = join(directory, 'user-info.json');
  const coverage = join(directory, 'coverage');
  mkdirSync(coverage, { recursive: true });
  writeFileSync(config, JSON.stringify({ authentication: { mode: 'none' }, source }));
  execFileSync(process.execPath, ['--import', 'tsx', main, 'lookup', 'ada', '--config', config], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
    stdio: 'pipe',
  });
  return readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}

describe('the startup of an adapter', () => {
  it('loads no driver, source or diagnosis of another adapter', () => {
    const csv = join(scratchDirectory(), 'people.csv');
    writeFileSync(csv, 'u,g\nada,staff\n');
    const loaded = filesLoadedFor({ type: 'csv', path: csv, columns: { userid: 'u', groups: [{ column: 'g' }] } });
    expect(loaded.some((url) => url.includes('/server/adapters/csv/csv-source.ts'))).to.equal(true);
    const drivers = /\/node_modules\/(pg|mysql2|redis|undici|ldapts|node-sqlite3-wasm)\//;
    const others = /\/server\/adapters\/(?!csv\/)[^/]+\/.*(source|driver)\.ts|\/server\/.+\/(diagnose-|probe-host)/;
    expect(loaded.filter((url) => drivers.test(url) || others.test(url))).to.deep.equal([]);
  });
});
