// Tests of merging by example; merge-source.property.services.test.ts covers the general case.
import { expect } from 'chai';
import type { StaticUserConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { createStaticSource } from '../../adapters/static/static-source.ts';
import { describeUserSource, type SuiteUser } from '../../adapters/user-source.suite.ts';
import { SourceError, type SourceErrorKind, type UserSource } from '../../adapters/user-source.ts';
import { createScriptedSource, neverAborted, outcomeOf, settle, userIn } from '../testing/scripted-source.ts';
import { fails, find, knows, mergeConfigOf, nobody, openMerge, optional } from './testing/open-merge.ts';

function partOf(users: readonly SuiteUser[], part: 'groups' | 'authorizations'): UserSource {
  const whole = users.map(({ userid, groups, authorizations, disabled = false }): [string, StaticUserConfig] => [
    userid,
    {
      disabled,
      groups: part === 'groups' ? [...groups] : [],
      authorizations:
        part === 'groups'
          ? {}
          : Object.fromEntries(Object.entries(authorizations).map(([name, values]) => [name, [...values]])),
    },
  ]);
  return createStaticSource({ type: 'static', users: Object.fromEntries(whole) });
}

describeUserSource('a merge of groups and authorizations', {
  async open(users) {
    const config = mergeConfigOf({ identity: 'all' }, [{ name: 'a' }, { name: 'b' }]);
    const sources = { a: partOf(users, 'groups'), b: partOf(users, 'authorizations') };
    const { source } = await openMerge(config, sources);
    return { source, close: () => source.close() };
  },
});

describeUserSource('a merge of a source with itself, and a fallback', {
  async open(users) {
    const config = mergeConfigOf({ authorizations: 'precedence' }, [
      { name: 'a' },
      { name: 'b' },
      { name: 'c', fallbackFor: 'b' },
    ]);
    const both = (): UserSource => ({
      ...partOf(users, 'groups'),
      async findUser(userid, signal) {
        const groups = await partOf(users, 'groups').findUser(userid, signal);
        const values = await partOf(users, 'authorizations').findUser(userid, signal);
        return groups && values && { groups: groups.groups, authorizations: values.authorizations };
      },
      async explainUser(userid) {
        const user = users.find((one) => one.userid === userid && !one.disabled);
        if (!user) return null;
        return {
          groups: user.groups.map((name) => ({ name, origin: 'a list' })),
          authorizations: Object.entries(user.authorizations).flatMap(([name, values]) =>
            values.map((value) => ({ name, value, origin: 'a list' })),
          ),
        };
      },
    });
    const { source } = await openMerge(config, { a: both(), b: fails('unavailable'), c: both() });
    return { source, close: () => source.close() };
  },
});

describe('a merge', () => {
  const directory = knows({
    ada: { groups: ['staff', 'tmp-1'], authorizations: { mail: ['ada@example.com'], level: ['low'] } },
    bob: { groups: ['staff'] },
    gone: { disabled: true },
  });
  const people = knows({ ada: { groups: ['finance'], authorizations: { level: ['high'], region: ['emea'] } } });

  describe('combines', () => {
    it('groups and values by union, each once', async () => {
      const again = knows({ ada: { groups: ['staff', 'finance'], authorizations: { level: ['low', 'high'] } } });
      expect(
        await find({}, [
          [{ name: 'a' }, directory],
          [{ name: 'b' }, people],
          [{ name: 'c' }, again],
        ]),
      ).to.deep.equal({
        groups: [{ name: 'staff' }, { name: 'tmp-1' }, { name: 'finance' }],
        authorizations: { mail: ['ada@example.com'], level: ['low', 'high'], region: ['emea'] },
      });
    });

    it('by precedence: the groups of the first source that has the user, each authorization of the first source that has it', async () => {
      const precedence = { groups: 'precedence', authorizations: 'precedence' };
      const members = [
        [{ name: 'z' }, nobody],
        [{ name: 'b' }, people],
        [{ name: 'a' }, directory],
      ] as const;
      expect(await find(precedence, members)).to.deep.equal({
        groups: [{ name: 'finance' }],
        authorizations: { level: ['high'], region: ['emea'], mail: ['ada@example.com'] },
      });
    });

    it('no groups when the first source by precedence has none', async () => {
      const bare = knows({ ada: {} });
      const found = await find({ groups: 'precedence' }, [
        [{ name: 'a' }, bare],
        [{ name: 'b' }, people],
      ]);
      expect(found).to.have.property('groups').that.deep.equals([]);
    });

    it('a single authorization by its own rule', async () => {
      const options = { authorizationsByName: { level: 'precedence' } };
      const found = await find(options, [
        [{ name: 'a' }, people],
        [{ name: 'b' }, directory],
      ]);
      expect(found)
        .to.have.property('authorizations')
        .that.includes({})
        .and.has.property('level')
        .that.deep.equals(['high']);
    });

    it('only the parts that a source provides', async () => {
      expect(
        await find({}, [
          [{ name: 'a', gives: 'groups' }, directory],
          [{ name: 'b', gives: 'authorizations' }, people],
        ]),
      ).to.deep.equal({
        groups: [{ name: 'staff' }, { name: 'tmp-1' }],
        authorizations: { level: ['high'], region: ['emea'] },
      });
    });

    it('names after they are dropped, renamed and prefixed, in this order', async () => {
      const rules = {
        groups: { drop: ['tmp-.*', 'taf'], rename: { staff: 'people' }, prefix: 'ad/' },
        authorizations: { drop: ['mail'], rename: { level: 'clearance' } },
      };
      expect(await find({}, [[{ name: 'a', ...rules }, directory]])).to.deep.equal({
        groups: [{ name: 'ad/people' }],
        authorizations: { clearance: ['low'] },
      });
    });

    it('the values of two authorizations that are renamed to one', async () => {
      const two = knows({ ada: { authorizations: { site: ['x'], office: ['y', 'x'] } } });
      const found = await find({}, [[{ name: 'a', authorizations: { rename: { office: 'site' } } }, two]]);
      expect(found)
        .to.have.property('authorizations')
        .that.deep.equals({ site: ['x', 'y'] });
    });
  });

  describe('and the existence of a user', () => {
    for (const [identity, expected] of [
      ['any', 'found'],
      ['all', null],
      ['a', null],
      ['b', 'found'],
    ] as const) {
      it(`follows identity ${identity} when only b has the user`, async () => {
        const found = await find({ identity }, [
          [{ name: 'a' }, nobody],
          [{ name: 'b' }, people],
        ]);
        expect(found === null ? null : 'found').to.equal(expected);
      });
    }

    it('does not include a disabled user', async () => {
      expect(
        await find(
          { identity: 'a' },
          [
            [{ name: 'a' }, directory],
            [{ name: 'b' }, people],
          ],
          'gone',
        ),
      ).to.equal(null);
    });

    it('is an error, not "no such user", when a failed source might have the user', async () => {
      expect(
        await find({}, [
          [{ name: 'a' }, nobody],
          [{ name: 'b', ...optional }, fails('unavailable')],
        ]),
      ).to.equal('unavailable');
    });
  });

  describe('with a failing source', () => {
    for (const kind of ['unavailable', 'too-slow', 'bad-answer'] as const) {
      it(`fails when the source is required: ${kind}`, async () => {
        expect(
          await find({}, [
            [{ name: 'a' }, directory],
            [{ name: 'b' }, fails(kind)],
          ]),
        ).to.equal(kind);
        expect(
          await find({ identity: 'a' }, [
            [{ name: 'a' }, nobody],
            [{ name: 'b' }, fails(kind)],
          ]),
        ).to.equal(kind);
      });

      it(`names the source in the error, and keeps the rest of the error: ${kind}`, async () => {
        const cause = new Error('the cause');
        const error = new SourceError(kind, 'The reason.', { cause, retryAfterSeconds: 7 });
        const failing: UserSource = { ...nobody, findUser: () => Promise.reject(error) };
        for (const [options, member] of [
          [{ identity: 'a' }, {}],
          // No other source knows the user, so this source decides.
          [{ identity: 'any' }, optional],
        ] as const) {
          const config = mergeConfigOf(options, [{ name: 'a' }, { name: 'b', ...member }]);
          const { source } = await openMerge(config, { a: nobody, b: failing });
          const failure = await source.findUser('ada', neverAborted()).catch((thrown: unknown) => thrown);
          expect(failure).to.be.instanceOf(SourceError);
          expect(failure).to.include({ kind, message: 'source b: The reason.', cause, retryAfterSeconds: 7 });
        }
      });

      it(`omits an optional source, and logs it: ${kind}`, async () => {
        const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b', ...optional }]);
        const { source, lines, count } = await openMerge(config, { a: directory, b: fails(kind, 'the reason') });
        expect(count('b', 'optional-source-failed')).to.equal(0);
        for (let time = 0; time < 3; time++) {
          expect(await outcomeOf(source.findUser('ada', neverAborted()))).to.deep.equal(['staff', 'tmp-1']);
        }
        expect(count('b', 'optional-source-failed')).to.equal(3);
        expect(lines).to.deep.equal([
          {
            source: 'b',
            reason: 'the reason',
            times: 1,
            message: 'merge: responses lack the data of an optional source',
          },
        ]);
      });
    }

    it('does not replace the parts of a failed optional source with those of a source of lower precedence', async () => {
      const options = { groups: 'precedence', authorizationsByName: { level: 'precedence' } };
      expect(
        await find(options, [
          [{ name: 'b', ...optional }, fails('unavailable')],
          [{ name: 'a' }, directory],
        ]),
      ).to.deep.equal({ groups: [], authorizations: { mail: ['ada@example.com'] } });
    });

    it('reports a bug as a bug, even in an optional source', async () => {
      const buggy: UserSource = { ...nobody, findUser: () => Promise.reject(new TypeError('a bug')) };
      const asked = find({}, [
        [{ name: 'a' }, directory],
        [{ name: 'b', ...optional }, buggy],
      ]);
      expect(await asked.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
    });

    it('treats user info that does not match the schema as a failure of the source', async () => {
      const invalid: UserSource = { ...nobody, findUser: async () => userIn('') };
      expect(
        await find({}, [
          [{ name: 'a' }, directory],
          [{ name: 'b' }, invalid],
        ]),
      ).to.equal('bad-answer');
      const without = await find(
        {},
        [
          [{ name: 'a' }, directory],
          [{ name: 'b', ...optional }, invalid],
        ],
        'bob',
      );
      expect(without).to.deep.equal(await find({}, [[{ name: 'a' }, directory]], 'bob'));
    });

    it('aborts the other lookups at once', async () => {
      const slow = createScriptedSource();
      const config = mergeConfigOf({}, [{ name: 'slow' }, { name: 'b' }]);
      const { source } = await openMerge(config, { slow, b: fails('unavailable') });
      expect(await outcomeOf(source.findUser('ada', neverAborted()))).to.equal('unavailable');
      expect(slow.asked[0]?.signal.aborted).to.equal(true);
    });
  });

  it("looks up the user in all sources concurrently, and passes on the caller's abort", async () => {
    const sources = { a: createScriptedSource(), b: createScriptedSource() };
    const { source } = await openMerge(mergeConfigOf({}, [{ name: 'a' }, { name: 'b' }]), sources);
    const caller = new AbortController();
    void source.findUser('ada', caller.signal).catch(() => undefined);
    await settle();
    const signals = [sources.a.asked[0]?.signal, sources.b.asked[0]?.signal];
    expect(signals.map((signal) => signal?.aborted)).to.deep.equal([false, false]);
    const reason = new SourceError('too-slow', 'the deadline');
    caller.abort(reason);
    expect(signals.map((signal) => signal?.reason)).to.deep.equal([reason, reason]);
  });

  describe('as a source', () => {
    const statusOf = (status: Partial<ReturnType<NonNullable<UserSource['status']>>>): UserSource => ({
      ...createScriptedSource(),
      status: () => ({ users: 1, generation: 1, loadedAtMs: 1000, staleReason: null, ...status }),
    });

    it('reports the sum of the generations, and the age of the oldest source', async () => {
      const config = mergeConfigOf({ identity: 'a' }, [{ name: 'a' }, { name: 'b' }]);
      const a = statusOf({ users: 5, generation: 2, loadedAtMs: 7000 });
      const b = statusOf({ users: 9, generation: 3, loadedAtMs: 5000, staleReason: 'the file is broken.' });
      const { source } = await openMerge(config, { a, b });
      expect(source.status?.()).to.deep.equal({
        users: 5,
        generation: 5,
        loadedAtMs: 5000,
        staleReason: 'b: the file is broken.',
      });
    });

    it('reports no status when none of its sources reports one', async () => {
      const { status: _status, ...plain } = createScriptedSource();
      const { source } = await openMerge(mergeConfigOf({}, [{ name: 'a' }]), { a: plain });
      expect(source).not.to.have.property('status');
    });

    it('is ready when optional sources and sources with a fallback are unavailable', async () => {
      const cannot = (kind: SourceErrorKind): UserSource => ({
        ...nobody,
        check: () => Promise.reject(new SourceError(kind, 'down')),
      });
      const check = async (member: object, own: UserSource, fallback: UserSource | null = null) => {
        const more = fallback ? [{ name: 'c', fallbackFor: 'b' }] : [];
        const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b', ...member }, ...more]);
        const { source } = await openMerge(config, { a: nobody, b: own, ...(fallback && { c: fallback }) });
        return source.check().then(
          () => 'can serve',
          (error: unknown) => (error as Error).message,
        );
      };
      expect(await check({}, cannot('unavailable'))).to.equal('source b: down');
      expect(await check(optional, cannot('unavailable'))).to.equal('can serve');
      expect(await check({}, cannot('unavailable'), nobody)).to.equal('can serve');
      expect(await check({}, cannot('bad-answer'), nobody)).to.equal('source b: down');
      expect(await check({}, cannot('unavailable'), cannot('unavailable'))).to.equal('source c: down');
    });

    it('looks up users in memory when all of its sources do', async () => {
      const waiting: UserSource = { ...nobody, answersFromMemory: false };
      const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b' }]);
      expect((await openMerge(config, { a: nobody, b: nobody })).source.answersFromMemory).to.equal(true);
      expect((await openMerge(config, { a: nobody, b: waiting })).source.answersFromMemory).to.equal(undefined);
    });

    it('closes the sources that it opened, even if the next one cannot be opened', async () => {
      const closed: string[] = [];
      const closing = (name: string): UserSource => ({ ...nobody, close: async () => void closed.push(name) });
      const config = mergeConfigOf({}, [{ name: 'a' }, { name: 'b' }]);
      const { source } = await openMerge(config, { a: closing('a'), b: closing('b') });
      await source.close();
      const failed = await openMerge(config, { a: closing('c') }).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
      expect(closed).to.deep.equal(['a', 'b', 'c']);
    });
  });
});
