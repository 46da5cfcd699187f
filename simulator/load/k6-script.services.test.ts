// Tests of the k6 script: it matches k6's own types, and it sends the platform's requests. k6 itself is under the AGPL and not installed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { createPlatformClient } from '../sync/platform-client.ts';
import { startChangingEndpoint } from '../sync/testing/changing-endpoint.ts';
import { type K6Request, writeK6Script } from './k6-script.ts';

const userids = ['ada@example.com', 'a b+c', '"`$\\'];

function scriptOf(endpoint: object, given: Partial<K6Request> = {}, guesses: object = {}): string {
  const settings = loadIamSettings({ externalUserInfo: endpoint, guesses });
  const request: K6Request = {
    settings,
    mode: 'open',
    levels: [50, 200],
    seconds: 30,
    maxP99Ms: 500,
    userids,
  };
  return writeK6Script({ ...request, ...given });
}

/** Returns the errors in a script according to k6's types. */
function findTypeFaults(script: string): string[] {
  const directory = scratchDirectory();
  const file = join(directory, 'load.js');
  writeFileSync(file, script);
  const types = join(import.meta.dirname, '../../node_modules/@types/k6');
  const program = ts.createProgram([file], {
    ...{ allowJs: true, checkJs: true, noEmit: true, strict: true, skipLibCheck: true, noImplicitAny: false },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, lib: ['lib.es2022.d.ts'] },
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, typeRoots: [join(types, '..')], types: ['k6'] },
    paths: { k6: [join(types, 'index.d.ts')], 'k6/*': [join(types, '*')] },
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly checks: readonly boolean[];
}

/** Runs the script's function once per user, with replacements for k6's modules that record requests. */
async function runWithStandIns(
  script: string,
  password: string,
  status = 200,
): Promise<{ options: object; sent: Sent[]; expected: readonly number[] }> {
  const directory = scratchDirectory();
  mkdirSync(join(directory, 'k6'));
  const body = '{"groups":[],"authorizations":{}}';
  const modules = {
    'k6.mjs':
      'export const check = (value, checks) => { globalThis.k6Sent.at(-1).checks = Object.values(checks).map((evaluate) => evaluate(value)); return true; };\nexport const sleep = () => undefined;\n',
    'k6/http.mjs': `export default { get(url, { headers }) { globalThis.k6Sent.push({ url, headers }); return { status: ${status}, body: ${status === 200 ? `'${body}'` : "'<p>'"}, timings: { duration: 1 } }; }, expectedStatuses: (...statuses) => statuses, setResponseCallback(statuses) { globalThis.k6Expected = statuses; } };\n`,
    'k6/data.mjs': 'export class SharedArray { constructor(_name, make) { return make(); } }\n',
    'k6/encoding.mjs': "export default { b64encode: (text) => Buffer.from(text).toString('base64') };\n",
    'k6/execution.mjs':
      'export default { scenario: { get iterationInTest() { return globalThis.k6Sent.length; } } };\n',
  };
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(directory, name), text);
  const file = join(directory, 'load.mjs');
  writeFileSync(file, script.replaceAll(/from '(k6[^']*)'/g, "from './$1.mjs'"));
  const sent: Sent[] = [];
  Object.assign(globalThis, { k6Sent: sent, __ENV: { USER_INFO_PASSWORD: password }, open: (path: string) => path });
  const loaded = (await import(pathToFileURL(file).href)) as { readonly options: object; default(): void };
  for (const _userid of userids) loaded.default();
  const { k6Expected } = globalThis as unknown as { readonly k6Expected: readonly number[] };
  return { options: loaded.options, sent, expected: k6Expected };
}

describe('the k6 script', function () {
  this.timeout(60_000);
  const mutual = {
    ...{ uri: 'https://a.example/u', useSSL: true, sslRequestCert: true, sslKeyFile: 'k.pem', sslCertFile: 'c.pem' },
    ...{ sslCaFile: 'ca.pem', useAuth: true, authentication: { username: 'immuta', passwordEnv: 'X' } },
  };
  const scripts: Readonly<Record<string, string>> = {
    'an open load': scriptOf({ uri: 'http://127.0.0.1:1/u' }),
    'a closed load': scriptOf({ uri: 'http://127.0.0.1:1/u' }, { mode: 'closed' }),
    'a password and a client certificate': scriptOf(mutual, {}, { verifyServerCertificate: false }),
  };
  for (const [title, script] of Object.entries(scripts)) {
    it(`is accepted by k6's types: ${title}`, () => {
      expect(findTypeFaults(script)).to.deep.equal([]);
    });
  }

  it('would be rejected if it contained an option that k6 does not know', () => {
    const broken = scriptOf({ uri: 'http://127.0.0.1:1/u' }).replace('timeout:', 'timout:');
    expect(findTypeFaults(broken).join()).to.include('timout');
  });

  it('begins with its assumptions, each as a comment whatever its text', async () => {
    const guesses = { timeoutMs: 700, retries: 3, scheduleTimeZone: 'UTC\n\u2028throw 1' };
    const script = scriptOf({ uri: 'http://127.0.0.1:1/u' }, {}, guesses);
    const [head = ''] = script.split('\nimport ');
    expect(head.split('\n').every((line) => line.startsWith('//'))).to.equal(true);
    expect(head)
      .to.include('//   timeoutMs 700\n')
      .and.to.include('//   retries 0\n')
      .and.to.include('//   onNotFound keep\n')
      .and.to.include('//   scheduleTimeZone UTC  throw 1\n');
    expect(Object.keys(loadIamSettings({ externalUserInfo: { uri: 'http://127.0.0.1:1/u' } }).guesses)).to.have.members(
      [...head.matchAll(/^\/\/ {3}(\w+)/gm)].map(([, name]) => name),
    );
    await runWithStandIns(script, '');
  });

  it('has a scenario per level, and starts each after the last responses of the previous one', async () => {
    const { options } = await runWithStandIns(scripts['an open load'] ?? '', '');
    expect(options)
      .to.have.nested.property('scenarios.level_50')
      .that.includes({ rate: 50, duration: '30s', startTime: '0s' });
    expect(options).to.have.nested.property('scenarios.level_200').that.includes({ rate: 200, startTime: '40s' });
  });

  it('counts a 404 as a response, as the simulator does, and a 503 as a failure', async () => {
    const script = scripts['an open load'] ?? '';
    const unknown = await runWithStandIns(script, '', 404);
    expect(unknown.expected).to.deep.equal([200, 404]);
    expect(unknown.sent.flatMap(({ checks }) => checks)).to.deep.equal(Array(6).fill(true));
    const failed = await runWithStandIns(script, '', 503);
    expect(failed.sent[0]?.checks).to.deep.equal([false, true]);
  });

  it('sends each request with the target and the credentials of the platform, and contains no password', async () => {
    const endpoint = await startChangingEndpoint();
    try {
      const authentication = { username: 'immuta', passwordEnv: 'X' };
      const uri = `${endpoint.uri}?tenant=7`;
      const settings = { uri, useAuth: true, authentication };
      const script = scriptOf(settings, {}, { spaceAs: '+' });
      const basicHeader = `Basic ${Buffer.from('immuta:s3cret').toString('base64')}`;
      const credentials = { basicHeader, cert: null, key: null, ca: null };
      const loaded = loadIamSettings({ externalUserInfo: settings, guesses: { spaceAs: '+' } });
      const client = createPlatformClient(loaded, credentials);
      for (const userid of userids) await client.ask(userid, new AbortController().signal);
      await client.close();
      const { sent } = await runWithStandIns(script, 's3cret');
      expect(
        sent.map(({ url, headers }) => [new URL(url).pathname + new URL(url).search, headers.authorization]),
      ).to.deep.equal(endpoint.requests.map(({ target, headers }) => [target, headers.authorization]));
      expect(sent.flatMap(({ checks }) => checks)).to.deep.equal(Array(6).fill(true));
      expect(script).not.to.include('s3cret');
    } finally {
      await endpoint.close();
    }
  });
});
