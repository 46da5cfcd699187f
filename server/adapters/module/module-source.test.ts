// Tests the adapter `module`: the adapter suite on a module in a file, and every kind of invalid module.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Secret } from '../../../schemas/secret.ts';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import { describeUserSource } from '../user-source.suite.ts';
import { type AdapterLog, SourceError } from '../user-source.ts';
import { createModuleSource } from './module-source.ts';

const log: AdapterLog = { info() {}, warn() {}, error() {} };
const noAbort = new AbortController().signal;

/** Writes a module and creates its source. */
function open(text: string, options: Record<string, unknown> = {}, secrets: Record<string, Secret> = {}) {
  const path = join(scratchDirectory(), 'source.mjs');
  writeFileSync(path, text);
  return createModuleSource(
    { type: 'module', path, options, secrets, loadTimeoutMs: 60_000, checkTimeoutMs: 10_000 },
    { log },
  );
}

/** Returns the text of a module whose findUser has this body. */
const finding = (body: string, more = '') =>
  `export default () => ({ async findUser(userid, signal) { ${body} }, async check() {}, async close() {}, ${more} });`;

describeUserSource('module', {
  async open(users) {
    const text = `export default ({ users }) => ({
      async findUser(userid) {
        const found = users.find((user) => user.userid === userid);
        if (!found || found.disabled) return null;
        return { groups: found.groups.map((name) => ({ name })), authorizations: found.authorizations };
      },
      async check() {},
      async close() {},
    });`;
    const source = await open(text, { users });
    return { source, close: () => source.close() };
  },
});

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.catch((error: unknown) => error);
  expect(outcome).to.be.instanceOf(Error);
  return outcome as Error;
}

const unusable: Readonly<Record<string, readonly [text: string, words: string]>> = {
  'that does not parse': ['export default (', 'it cannot be loaded: SyntaxError'],
  'that throws when it is loaded': ["throw new Error('no licence')", 'it cannot be loaded: Error: no licence'],
  'without a default export': ['export const createUserSource = () => {}', 'its default export must be a function'],
  'whose default export is the source itself': ['export default { findUser() {} }', 'it exports default'],
  'that returns nothing': ['export default () => {}', 'must return a user source; it returned undefined'],
  'that returns null': ['export default async () => null', 'it returned null'],
  'whose source lacks methods': ['export default () => ({ findUser() {} })', 'its source lacks check, close'],
  'whose explainUser is not a function': [
    finding('return null;', 'explainUser: true'),
    'explainUser of its source must be',
  ],
  'that throws when it creates its source': [
    "export default () => { throw new TypeError('options.file is missing.') }",
    'its createUserSource failed: TypeError: options.file is missing.',
  ],
};

const badAnswers: Readonly<Record<string, readonly [body: string, words: string]>> = {
  undefined: ['', 'returned undefined. Return null for an unknown user.'],
  'a text': ["return 'ada'", 'does not match the schema'],
  'groups without names': ['return { groups: [{}], authorizations: {} }', '/groups/0'],
  'no authorizations': ['return { groups: [] }', 'authorizations'],
  'a number as a value': ['return { groups: [], authorizations: { level: [1] } }', '/authorizations/*/0'],
  'an extra key': ['return { groups: [], authorizations: {}, admin: true }', 'does not match the schema'],
  'a function': ['return { groups: [], authorizations: {}, then2() {} }', 'not plain data'],
};

describe('module source', () => {
  for (const [title, [text, words]] of Object.entries(unusable)) {
    it(`rejects at the start a module ${title}`, async () => {
      const failure = await failureOf(open(text));
      expect(failure).to.be.instanceOf(SourceError).and.include({ kind: 'unavailable' });
      expect(failure.message).to.include(words);
    });
  }

  it('rejects a missing file', async () => {
    const config = {
      type: 'module' as const,
      path: join(scratchDirectory(), 'nowhere.mjs'),
      options: {},
      secrets: {},
      loadTimeoutMs: 60_000,
      checkTimeoutMs: 10_000,
    };
    expect((await failureOf(createModuleSource(config, { log }))).message).to.include('it cannot be loaded');
  });

  for (const [title, [body, words]] of Object.entries(badAnswers)) {
    it(`treats ${title} as a bad answer`, async () => {
      const source = await open(finding(body));
      const failure = await failureOf(source.findUser('ada', noAbort));
      expect(failure).to.be.instanceOf(SourceError).and.include({ kind: 'bad-answer' });
      expect(failure.message).to.include(words);
    });
  }

  it('passes its options, its secrets and the log to the module', async () => {
    const text = `export default (options, { secrets, log }) => {
      log.info({}, 'ready');
      const group = [options.team, secrets.token.reveal()].join(' ');
      return { findUser: async () => ({ groups: [{ name: group }], authorizations: {} }), async check() {}, async close() {} };
    };`;
    const source = await open(text, { team: 'analysts' }, { token: new Secret('hush') });
    expect(await source.findUser('ada', noAbort)).to.deep.equal({
      groups: [{ name: 'analysts hush' }],
      authorizations: {},
    });
  });

  it('returns a copy, which getters cannot change after validation', async () => {
    const body = `let asked = 0;
      return { get groups() { return asked++ === 0 ? [] : 'anything'; }, authorizations: {} };`;
    const found = await (await open(finding(body))).findUser('ada', noAbort);
    expect(found?.groups).to.deep.equal([]);
    expect(found?.groups).to.deep.equal([]);
  });

  it('provides its SourceError', async () => {
    const text = `export default (options, { SourceError }) => ({
      async findUser() { throw new SourceError('too-slow', 'The tape is being wound.'); }, async check() {}, async close() {} });`;
    const failure = await failureOf((await open(text)).findUser('ada', noAbort));
    expect(failure)
      .to.be.instanceOf(SourceError)
      .and.include({ kind: 'too-slow', message: 'The tape is being wound.' });
  });

  it('accepts the SourceError of another copy of this package', async () => {
    const body = `throw Object.assign(new Error('The directory is down.'), { name: 'SourceError', kind: 'unavailable' });`;
    const failure = await failureOf((await open(finding(body))).findUser('ada', noAbort));
    expect(failure)
      .to.be.instanceOf(SourceError)
      .and.include({ kind: 'unavailable', message: 'The directory is down.' });
  });

  for (const thrown of [
    "new TypeError('a bug')",
    "Object.assign(new Error('x'), { name: 'SourceError', kind: 'fine' })",
  ]) {
    it(`passes on ${thrown} unchanged: an error of the module results in 500`, async () => {
      const failure = await failureOf((await open(finding(`throw ${thrown};`))).findUser('ada', noAbort));
      expect(failure).not.to.be.instanceOf(SourceError);
    });
  }

  it('ignores answersFromMemory of the module, so that every lookup has a deadline', async () => {
    const source = await open(finding('return null;', 'answersFromMemory: true'));
    expect(source.answersFromMemory).to.equal(undefined);
  });

  it('passes on the optional methods of a source', async () => {
    const more = `status: () => ({ users: 1, generation: 2, loadedAtMs: 3, staleReason: null }),
      explainUser: async () => ({ groups: [{ name: 'a', origin: 'people.json' }], authorizations: [] })`;
    const source = await open(finding('return null;', more));
    expect(source.status?.().generation).to.equal(2);
    expect((await source.explainUser?.('ada', noAbort))?.groups).to.have.lengthOf(1);
  });

  it('passes on whether a user is disabled, and rejects anything but true and false', async () => {
    const disabled = await open(finding('return null;', "isDisabled: async (userid) => userid === 'ada'"));
    expect(await disabled.isDisabled?.('ada', noAbort)).to.equal(true);
    expect(await disabled.isDisabled?.('bob', noAbort)).to.equal(false);
    const unclear = await open(finding('return null;', "isDisabled: async () => 'no'"));
    const outcome = Promise.resolve(unclear.isDisabled?.('ada', noAbort));
    expect(await failureOf(outcome)).to.include({ kind: 'bad-answer' });
  });
});
