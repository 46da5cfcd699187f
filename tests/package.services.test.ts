// Tests the package as users install it, packed and installed in an empty directory. Its program is run, and its exports are imported and
// type-checked.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { kitVersion } from '../schemas/kit-version.ts';
import { createReaderShell } from './reader-shell.ts';
import { secretReference } from './test-server.ts';

const projectRoot = dirname(import.meta.dirname);
const run = promisify(execFile);

const installTimeoutMs = 300_000;
const commandTimeoutMs = 60_000;
const userQuery = 'SELECT login AS userid FROM users WHERE login = :userid';
const maxTarballBytes = 1_500_000;
/** Limits for a default installation, without the optional peer dependencies; disk usage counts blocks. */
const maxInstalled = { packages: 190, mebibytes: 58 };

interface PackedTarball {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: ReadonlyArray<{ readonly path: string }>;
}

/** Code of a user who embeds the server and the kit; compiled against the declarations in the package. */
const consumer = `
import { authenticateNobody, createApp, type CreateUserSource, SourceError, type UserInfo, type UserSource } from 'user-info-kit/server';
import { describeUserSource } from 'user-info-kit/server/adapters/suite';
import {
  assertConforms,
  type ConformanceReport,
  type CreateChecks,
  defineCheck,
  describeConformance,
  type ReportFormat,
  renderReport,
  reportFormats,
  runConformance,
} from 'user-info-kit/conformance';

const ada: UserInfo = { groups: [{ name: 'analysts' }], authorizations: { region: ['emea'] } };
const source: UserSource = {
  findUser: async (userid) => (userid === 'ada' ? ada : null),
  check: async () => { throw new SourceError('unavailable', 'The directory is down.'); },
  close: async () => {},
};
createApp({ source, authenticate: authenticateNobody }).listen(0, '127.0.0.1');
export const report: ConformanceReport = await runConformance({ url: 'http://127.0.0.1:1/user-info', auth: 'none' });
export const texts: Record<string, string> = Object.fromEntries(reportFormats.map((format) => [format, renderReport(report, format)]));
export const format: ReportFormat = 'junit';
// @ts-expect-error: no such format.
export const unknown = () => renderReport(report, 'pdf');
export const createUserSource: CreateUserSource = ({ file }, { log, secrets }) => {
  log.info({ file, secret: secrets.token?.reference }, 'ready');
  return source;
};
export const prove = () => describeUserSource('mine', { open: async () => ({ source, close: async () => {} }) });
export const testIt = () => describeConformance({ url: 'http://127.0.0.1:1/user-info', auth: 'none' }, { failOn: 'standards' });
export const createChecks: CreateChecks = ({ readUserInfo }) => [
  defineCheck({
    ...{ id: 'acme-groups', title: 'MUST have groups', level: 'MUST', why: 'A rule.', fix: 'Add a group.' },
    async run({ askOnce, knownUser }) {
      const answer = await askOnce({ userids: [knownUser] });
      const { groups } = readUserInfo(answer);
      assertConforms(groups.length > 0, { asked: 'a known user', expected: 'groups', seen: 'none', change: 'add a group', answers: [answer] });
    },
  }),
];
// @ts-expect-error: a group must have a name; the declarations must require it.
export const wrong: UserInfo = { groups: [{}], authorizations: {} };
`;

const consumerOptions = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  },
  files: ['consumer.ts'],
};

describe('the package', () => {
  let scratch: string;
  let directory: string;
  let installed: string;
  let tarball: PackedTarball;

  const inDirectory = (program: string, ...arguments_: string[]) => run(program, arguments_, { cwd: directory });
  const evaluate = async (code: string) =>
    (await inDirectory(process.execPath, '--input-type=module', '--eval', code)).stdout;

  before(async function () {
    this.timeout(installTimeoutMs);
    const declarations = join(projectRoot, 'dist/server/create-app.d.ts');
    expect(existsSync(declarations), `${declarations} is missing: run npm run build`).to.equal(true);
    scratch = mkdtempSync(join(tmpdir(), 'user-info-package-'));
    directory = join(scratch, 'consumer');
    installed = join(directory, 'node_modules/user-info-kit');
    mkdirSync(directory);
    // --ignore-scripts: the existing build is tested; packing would build again.
    const packing = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], {
      cwd: projectRoot,
    });
    [tarball] = JSON.parse(packing.stdout) as [PackedTarball];
    writeFileSync(join(directory, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
    await inDirectory(
      'npm',
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      join(scratch, tarball.filename),
    );
  });

  after(function () {
    // Removing the thousands of files of an installed package may take a while.
    this.timeout(installTimeoutMs);
    rmSync(scratch, { recursive: true, force: true });
  });

  it(`is smaller than ${maxTarballBytes} bytes`, () => {
    process.stdout.write(`      ${tarball.filename}: ${tarball.size} bytes, ${tarball.files.length} files\n`);
    expect(tarball.size).to.be.lessThan(maxTarballBytes);
  });

  it(`installs at most ${maxInstalled.packages} packages and ${maxInstalled.mebibytes} MiB`, () => {
    const modules = join(directory, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
    const packages = Object.keys(lock.packages).length;
    const entries = readdirSync(modules, { recursive: true, encoding: 'utf8' });
    const blocks = entries.reduce((sum, name) => sum + (lstatSync(join(modules, name)).blocks ?? 0), 0);
    const mebibytes = (blocks * 512) / 2 ** 20;
    process.stdout.write(`      ${packages} packages, ${mebibytes.toFixed(1)} MiB\n`);
    expect(packages).to.be.at.most(maxInstalled.packages);
    expect(mebibytes).to.be.at.most(maxInstalled.mebibytes);
  });

  const needs: ReadonlyArray<[name: string, section: object, message: string]> = [
    [
      'pg',
      { source: { type: 'sql', connection: { system: 'postgresql', database: 'd', user: 'u' }, userQuery } },
      'source.connection.system: postgresql needs the package pg: npm install pg',
    ],
    [
      'mysql2',
      { source: { type: 'sql', connection: { system: 'mysql', database: 'd', user: 'u' }, userQuery } },
      'source.connection.system: mysql needs the package mysql2: npm install mysql2',
    ],
    [
      'redis',
      {
        source: { type: 'static', users: {} },
        guards: { cache: { ttlSeconds: 1, shared: { url: 'redis://127.0.0.1', key: secretReference('KEY') } } },
      },
      'guards.cache.shared.url: needs the package redis: npm install redis',
    ],
  ];
  for (const [name, sections, message] of needs) {
    it(`reports that ${name} is not installed where a configuration needs it`, async () => {
      const file = join(directory, `${name}.json`);
      writeFileSync(file, JSON.stringify({ authentication: { mode: 'none' }, listener: { port: 0 }, ...sections }));
      for (const command of [
        ['config', 'check', file],
        ['doctor', '--config', file],
        ['serve', '--config', file],
      ]) {
        const env = { ...process.env, KEY: 'a key that is long enough for the test' };
        const failure = await run('npx', ['--no', '--', 'user-info', ...command], { cwd: directory, env }).then(
          ({ stdout }) => ({ code: 0, stderr: stdout }),
          (error: { code: number; stderr: string }) => error,
        );
        expect(failure.stderr, command.join(' ')).to.include(message);
        expect(failure.code, command.join(' ')).to.equal(2);
      }
    }).timeout(commandTimeoutMs);
  }

  it('excludes the keys and passwords that the guides and examples create', async () => {
    const container = join(projectRoot, 'examples/deployments/container');
    const created = [
      'certs/ca-key.pem',
      'certs/server-key.pem',
      'secrets/ldap.password',
      'secrets/immuta.hash',
      'user-info.key',
    ];
    const directories = ['certs', 'secrets'].filter((name) => !existsSync(join(container, name)));
    try {
      for (const name of created) {
        mkdirSync(dirname(join(container, name)), { recursive: true });
        writeFileSync(join(container, name), 'a secret of the test', { flag: 'wx' });
      }
      const { stdout } = await run('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], { cwd: projectRoot });
      const [{ files }] = JSON.parse(stdout) as [PackedTarball];
      const packed = files.map(({ path }) => path).filter((path) => created.some((name) => path.endsWith(name)));
      expect(packed).to.deep.equal([]);
      const ignored = await run('git', ['status', '--porcelain', '--untracked-files=all', container], {
        cwd: projectRoot,
      });
      expect(ignored.stdout).not.to.match(/^\?\?/m);
    } finally {
      for (const name of [...directories, 'user-info.key'])
        rmSync(join(container, name), { recursive: true, force: true });
    }
  }).timeout(commandTimeoutMs);

  it('contains everything that a user needs: the program, declarations, contract, examples and license', () => {
    expect(tarball.files.map(({ path }) => path)).to.include.members([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'SECURITY.md',
      'dist/cli/main.js',
      'dist/server/create-app.d.ts',
      'dist/conformance/run-conformance.d.ts',
      'dist/schemas/openapi.yaml',
      'dist/schemas/server-config.schema.json',
      'docs/reference/errors.md',
      'examples/csv-quickstart/users.csv',
    ]);
  });

  it('contains no tests, no sources, and no data from the machine that packed it', () => {
    const paths = tarball.files.map(({ path }) => path);
    const declarations = /\.d\.ts$/;
    // Files for readers: the suite for custom modules, and the examples that run it.
    const forReaders = /^dist\/server\/adapters\/user-source\.suite\.|^examples\/(module-adapter|mocha-suite)\//;
    const otherKeys = paths.filter(
      (path) =>
        (/\.(test|suite)\.|(^|\/)(tests|bench|testing)\//.test(path) && !forReaders.test(path)) ||
        (/^dist.*\.ts$/.test(path) && !declarations.test(path)),
    );
    expect(otherKeys).to.deep.equal([]);
    const tracing = paths.filter((path) => readFileSync(join(installed, path), 'utf8').includes(projectRoot));
    expect(tracing).to.deep.equal([]);
  });

  it('contains the program user-info', async () => {
    const { stdout } = await inDirectory('npx', '--no', '--', 'user-info', '--version');
    expect(stdout).to.equal(`${kitVersion}\n`);
  });

  it('exports the server, which opens no port on import', async () => {
    const code = `const { createApp } = await import('user-info-kit/server'); process.stdout.write(typeof createApp)`;
    expect(await evaluate(code)).to.equal('function');
  });

  it('exports the conformance kit', async () => {
    const code = `const { runConformance } = await import('user-info-kit/conformance'); process.stdout.write(typeof runConformance)`;
    expect(await evaluate(code)).to.equal('function');
  });

  it('exports the report formats, for a run within another program', async () => {
    const code = `
      const { renderReport, reportFormats, runConformance } = await import('user-info-kit/conformance');
      const report = await runConformance({ url: 'http://127.0.0.1:1/user-info', auth: 'none' });
      const texts = reportFormats.map((format) => [format, renderReport(report, format).slice(0, 15)]);
      process.stdout.write(JSON.stringify(Object.fromEntries(texts)));`;
    const texts = JSON.parse(await evaluate(code)) as Record<string, string>;
    expect(texts).to.have.all.keys('html', 'json', 'junit', 'markdown', 'sarif', 'text');
    expect(texts).to.include({ html: '<!doctype html>', junit: '<?xml version="' });
  });

  it('exports the contract as files with resolvable references', async () => {
    const resolved = await evaluate(
      `process.stdout.write(new URL(import.meta.resolve('user-info-kit/schemas/openapi.yaml')).pathname)`,
    );
    const text = readFileSync(resolved, 'utf8');
    expect(parse(text)).to.have.nested.property('info.version', kitVersion);
    for (const [, file] of text.matchAll(/\$ref: ([\w.-]+\.json)/g)) {
      expect(existsSync(join(dirname(resolved), file ?? '')), file).to.equal(true);
    }
  });

  it('exports the test suite for all adapters, which also tests a custom module', async () => {
    cpSync(join(installed, 'examples/module-adapter'), join(directory, 'module-adapter'), { recursive: true });
    const arguments_ = ['--no', '--', 'mocha', '--reporter', 'json', 'module-adapter/people-source.test.mjs'];
    const { stats } = JSON.parse((await inDirectory('npx', ...arguments_)).stdout) as { stats: Record<string, number> };
    expect(stats.failures).to.equal(0);
    expect(stats.passes).to.be.greaterThan(40);
  }).timeout(commandTimeoutMs);

  it('exports the kit as a test suite, one test per check', async () => {
    cpSync(join(installed, 'examples/mocha-suite'), join(directory, 'mocha-suite'), { recursive: true });
    const arguments_ = ['--no', '--', 'mocha', '--reporter', 'json', 'mocha-suite/user-info.test.mjs'];
    const { stats } = JSON.parse((await inDirectory('npx', ...arguments_)).stdout) as { stats: Record<string, number> };
    expect(stats.failures).to.equal(0);
    expect(stats.passes).to.be.greaterThan(60);
  }).timeout(commandTimeoutMs);

  it('exports nothing else', async () => {
    const code = `await import('user-info-kit/dist/server/start.js').catch(({ code }) => process.stdout.write(code))`;
    expect(await evaluate(code)).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('has types that compile in a consumer under strict settings, including library declarations', async () => {
    await inDirectory('npm', 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '@types/express@5');
    writeFileSync(join(directory, 'consumer.ts'), consumer);
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(consumerOptions));
    const compiler = join(projectRoot, 'node_modules/typescript/bin/tsc');
    const { stdout } = await inDirectory(process.execPath, compiler, '-p', '.').catch(
      (failure: { stdout: string }) => failure,
    );
    expect(stdout).to.equal('');
  }).timeout(commandTimeoutMs);

  it('runs serve --dev, which prints curl and conform commands that work when pasted', async () => {
    const shell = createReaderShell(installed);
    try {
      const isReady = (output: string) => output.includes('Test the endpoint:') && output.includes('Ctrl-C');
      const server = await shell.start('user-info serve --dev --port 0', isReady, commandTimeoutMs);
      expect(server.exitCode, server.output).to.equal(null);
      const lineOf = (part: string) => {
        const line = server.output.split('\n').find((text) => text.startsWith('  ') && text.includes(part));
        return line?.trim() ?? `echo 'no line has ${part}'; exit 9`;
      };
      const asked = await shell.run(`${lineOf('curl ')} --silent --show-error`, commandTimeoutMs);
      expect(JSON.parse(asked.output)).to.have.all.keys('groups', 'authorizations');
      const tested = await shell.run(lineOf(' conform https:'), commandTimeoutMs);
      expect(tested.exitCode, tested.output).to.equal(0);
    } finally {
      await shell.close();
    }
  }).timeout(3 * commandTimeoutMs);
});
