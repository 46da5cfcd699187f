// Tests that each guard is a source, and that guards are applied in the documented order.
import { expect } from 'chai';
import type { GuardsConfig, StaticUserConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createStaticSource } from '../adapters/static/static-source.ts';
import { describeUserSource, type SuiteUser } from '../adapters/user-source.suite.ts';
import { SourceError, type UserSource } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import {
  createAnsweringSource,
  createScriptedSource,
  createStillClock,
  createSurroundings,
  neverAborted,
  outcomeOf,
  settle,
  userIn,
} from './testing/scripted-source.ts';

const cache = { ttlSeconds: 60, negativeTtlSeconds: 60, maxEntries: 1000, maxBytes: 10_000_000 };
const shrink = { maxLossPercent: 50, action: 'ask-again', holdSeconds: 900, maxUsers: 1000 } as const;
const each: Readonly<Record<string, GuardsConfig>> = {
  'no guard': { coalesce: false },
  coalescing: { coalesce: true },
  'a cache': { coalesce: false, cache },
  'a small cache': { coalesce: false, cache: { ...cache, maxEntries: 3 } },
  'a shrink guard': { coalesce: false, shrink },
  'rules for answers': { coalesce: false, answers: { onNoGroups: 'allow', maxGroups: 100, maxBytes: 100_000 } },
  'a breaker': { coalesce: false, breaker: { failures: 5, openSeconds: 10 } },
  'a time limit': { coalesce: false, deadlineMs: 10_000 },
  'a bulkhead': { coalesce: false, bulkhead: { concurrent: 4, queued: 1000 } },
  'a retry': { coalesce: false, retry: { attempts: 1 } },
};
const all: GuardsConfig = Object.assign({}, ...Object.values(each), { coalesce: true, cache });

function toConfig({ userid, groups, authorizations, disabled = false }: SuiteUser): [string, StaticUserConfig] {
  const copied = Object.entries(authorizations).map(([name, values]) => [name, [...values]]);
  return [userid, { disabled, groups: [...groups], authorizations: Object.fromEntries(copied) }];
}

for (const [title, guards] of Object.entries({ ...each, 'all guards': all })) {
  describeUserSource(`static source with ${title}`, {
    async open(users) {
      const inner = createStaticSource({ type: 'static', users: Object.fromEntries(users.map(toConfig)) });
      const source = guardSource(inner, guards, createSurroundings());
      return { source, close: () => source.close() };
    },
  });
}

describe('guards around a source', () => {
  it('return the source unchanged when none is configured', () => {
    const source = { ...createScriptedSource(), answersFromMemory: true };
    expect(guardSource(source, undefined, createSurroundings())).to.equal(source);
    expect(guardSource(source, { coalesce: false }, createSurroundings())).to.equal(source);
  });

  for (const [title, guards] of Object.entries({ ...each, all })) {
    it(`pass all other calls on: ${title}`, async () => {
      const heard: string[] = [];
      const source: UserSource = {
        ...createScriptedSource(),
        check: async () => void heard.push('check'),
        close: async () => void heard.push('close'),
        explainUser: async (userid) => {
          heard.push(`explain ${userid}`);
          return { groups: [], authorizations: [] };
        },
      };
      const guarded = guardSource(source, guards, createSurroundings());
      await guarded.check();
      await guarded.explainUser?.('ada', neverAborted());
      expect(guarded.status?.()).to.include({ users: 1, generation: 1 });
      await guarded.close();
      expect(heard).to.deep.equal(['check', 'explain ada', 'close']);
      const bare = guardSource(
        createAnsweringSource(() => null),
        guards,
        createSurroundings(),
      );
      expect(bare).not.to.have.property('status');
      expect(bare).not.to.have.property('explainUser');
    });
  }

  it('look up users in memory only when no guard can wait', () => {
    const source = { ...createScriptedSource(), answersFromMemory: true };
    const answersFromMemory = Object.entries(each)
      .filter(([, guards]) => guardSource(source, guards, createSurroundings()).answersFromMemory)
      .map(([title]) => title);
    expect(answersFromMemory).to.deep.equal(['no guard', 'a shrink guard', 'rules for answers']);
  });

  it('return cached user info while the breaker is open', async () => {
    const source = createScriptedSource();
    const guards: GuardsConfig = {
      ...all,
      breaker: { failures: 1, openSeconds: 60 },
      bulkhead: { concurrent: 1, queued: 0 },
    };
    const { retry: _retry, ...withoutRetry } = guards;
    const guarded = guardSource(source, withoutRetry, createSurroundings());
    const ask = (userid: string) => outcomeOf(guarded.findUser(userid, neverAborted()));
    const first = ask('ada');
    await settle();
    source.asked[0]?.answer(userIn('a'));
    await first;
    const failing = ask('bob');
    await settle();
    source.asked[1]?.fail('unavailable');
    expect(await failing).to.equal('unavailable');
    expect(await ask('eve')).to.equal('unavailable');
    expect(await ask('ada')).to.deep.equal(['a']);
    expect(source.asked.length).to.equal(2);
  });

  it('count a lookup and its retries as one lookup in the breaker', async () => {
    const source = createAnsweringSource(() => {
      throw new SourceError('unavailable', 'refused');
    });
    const { tally, log, counts } = createSurroundings();
    const guards: GuardsConfig = {
      coalesce: false,
      retry: { attempts: 2 },
      breaker: { failures: 2, openSeconds: 60 },
    };
    const guarded = guardSource(source, guards, { tally, log });
    const outcomes = [];
    for (let time = 0; time < 3; time++) outcomes.push(await outcomeOf(guarded.findUser('ada', neverAborted())));
    expect(outcomes).to.deep.equal(['unavailable', 'unavailable', 'unavailable']);
    expect(source.calls).to.equal(6);
    expect(counts()).to.deep.equal({ retried: 4, 'breaker-opened': 1, 'breaker-refused': 1 });
  });

  it('do not cache user info that the response rules reject', async () => {
    const answers = [userIn(), userIn('a')];
    const source = createAnsweringSource(() => answers.shift() ?? null);
    const guards: GuardsConfig = {
      coalesce: true,
      cache,
      answers: { onNoGroups: 'error', maxGroups: 9, maxBytes: 999 },
    };
    const guarded = guardSource(source, guards, createSurroundings());
    expect(await outcomeOf(guarded.findUser('ada', neverAborted()))).to.equal('bad-answer');
    expect(await outcomeOf(guarded.findUser('ada', neverAborted()))).to.deep.equal(['a']);
  });

  it('compare the result of the source, not the cached entry, in the shrink guard', async () => {
    const clock = createStillClock();
    const answers = [userIn('a', 'b', 'c', 'd'), userIn(), userIn('a', 'b', 'c', 'd')];
    const source = createAnsweringSource(() => answers.shift() ?? null);
    const guarded = guardSource(source, { coalesce: true, cache, shrink }, { ...createSurroundings(), now: clock.now });
    const ask = () => outcomeOf(guarded.findUser('ada', neverAborted()));
    await ask();
    await ask();
    expect(source.calls).to.equal(1);
    clock.advance(60);
    expect(await ask()).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(source.calls).to.equal(3);
  });

  it('use one bulkhead slot for many identical lookups', async () => {
    const source = createScriptedSource();
    const guards: GuardsConfig = { coalesce: true, bulkhead: { concurrent: 1, queued: 0 } };
    const guarded = guardSource(source, guards, createSurroundings());
    const crowd = Array.from({ length: 100 }, () => outcomeOf(guarded.findUser('ada', neverAborted())));
    await settle();
    source.asked[0]?.answer(userIn('a'));
    expect(new Set((await Promise.all(crowd)).map(String))).to.deep.equal(new Set(['a']));
    expect(source.asked.length).to.equal(1);
  });
});
