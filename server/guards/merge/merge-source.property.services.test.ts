// Property tests of the merge: with generated sources, it returns only what those sources allow.
import { expect } from 'chai';
import fc from 'fast-check';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { SourceError, type SourceErrorKind, type UserSource } from '../../adapters/user-source.ts';
import { createScriptedSource, neverAborted } from '../testing/scripted-source.ts';
import { type MemberOptions, mergeConfigOf, openMerge } from './testing/open-merge.ts';

type Said = UserInfo | null | SourceErrorKind;

/** A source, with its answer for the only requested user. */
interface Member {
  readonly said: Said;
  readonly required: boolean;
  readonly gives: 'both' | 'groups' | 'authorizations';
  readonly prefix: string;
}

interface Scenario {
  readonly members: readonly Member[];
  readonly identity: string;
  readonly groups: 'union' | 'precedence';
  readonly authorizations: 'union' | 'precedence';
  readonly x: 'union' | 'precedence';
}

const howArbitrary = fc.constantFrom('union' as const, 'precedence' as const);
const textsArbitrary = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', '__proto__'), { maxLength: 3 });
const userArbitrary: fc.Arbitrary<UserInfo> = fc.record({
  groups: textsArbitrary.map((names) => names.map((name) => ({ name }))),
  authorizations: fc
    .uniqueArray(fc.tuple(fc.constantFrom('x', 'y', '__proto__'), textsArbitrary), {
      selector: ([name]) => name,
      maxLength: 3,
    })
    .map((entries) => Object.fromEntries(entries)),
});
const definiteArbitrary = fc.oneof({ weight: 3, arbitrary: userArbitrary }, fc.constant(null));
const kindArbitrary = fc.constantFrom<SourceErrorKind>('unavailable', 'too-slow', 'bad-answer');
const memberArbitrary: fc.Arbitrary<Member> = fc.record({
  said: fc.oneof({ weight: 3, arbitrary: definiteArbitrary }, kindArbitrary),
  required: fc.boolean(),
  gives: fc.constantFrom('both', 'groups', 'authorizations'),
  prefix: fc.constantFrom('', 'ad/'),
});
const scenarioArbitrary: fc.Arbitrary<Scenario> = fc
  .record({
    members: fc.array(memberArbitrary, { minLength: 1, maxLength: 4 }),
    decider: fc.integer({ min: -2, max: 3 }),
    groups: howArbitrary,
    authorizations: howArbitrary,
    x: howArbitrary,
  })
  .map(({ members, decider, ...policy }) => {
    if (decider === -2) return { ...policy, members, identity: 'any' };
    if (decider === -1)
      return { ...policy, members: members.map((one) => ({ ...one, required: true })), identity: 'all' };
    const index = decider % members.length;
    // A deciding source has to be required.
    return {
      ...policy,
      members: members.map((one, place) => (place === index ? { ...one, required: true } : one)),
      identity: nameOf(index),
    };
  });

function nameOf(index: number): string {
  return `m${index}`;
}

async function ask({ members, identity, groups, authorizations, x }: Scenario): Promise<Said> {
  const options = members.map(
    ({ required, gives, prefix }, index): MemberOptions => ({
      name: nameOf(index),
      required,
      mayShrinkAccess: !required,
      gives,
      groups: { prefix },
      authorizations: { prefix },
    }),
  );
  const config = mergeConfigOf({ identity, groups, authorizations, authorizationsByName: { x } }, options);
  const sources = members.map(({ said }, index): [string, UserSource] => [
    nameOf(index),
    {
      ...createScriptedSource(),
      async findUser() {
        if (typeof said === 'string') throw new SourceError(said, said);
        return structuredClone(said);
      },
    },
  ]);
  const { source } = await openMerge(config, Object.fromEntries(sources));
  try {
    return await source.findUser('ada', neverAborted());
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return error.kind;
  }
}

const isFound = (said: Said): said is UserInfo => typeof said === 'object' && said !== null;

/** Returns the groups and values that a member provides for a user, each as one text. */
function partsOf(
  { groups, authorizations }: UserInfo,
  { gives = 'both', prefix = '' }: Partial<Member> = {},
): Set<string> {
  const texts = gives === 'authorizations' ? [] : groups.map(({ name }) => `group ${prefix}${name}`);
  const values = gives === 'groups' ? [] : Object.entries(authorizations);
  return new Set([...texts, ...values.flatMap(([name, list]) => list.map((value) => `${prefix}${name}=${value}`))]);
}

function expectSubset(part: Set<string>, whole: Set<string>, message: string): void {
  expect(
    [...part].filter((text) => !whole.has(text)),
    message,
  ).to.deep.equal([]);
}

const runs = { numRuns: 500 };

describe('a merge, for generated sources', () => {
  it('of one source returns the same as this source', async () => {
    await fc.assert(
      fc.asyncProperty(definiteArbitrary, howArbitrary, async (said, how) => {
        const alone = await ask({
          members: [{ said, required: true, gives: 'both', prefix: '' }],
          identity: 'any',
          groups: how,
          authorizations: how,
          x: how,
        });
        if (!isFound(said)) expect(alone).to.equal(said);
        else expect(partsOf(alone as UserInfo)).to.deep.equal(partsOf(said));
      }),
      runs,
    );
  });

  it('returns only data that a source returned, and fails when a required source fails', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const { members } = scenario;
        const answer = await ask(scenario);
        const failures = members.filter(({ said, required }) => required && typeof said === 'string');
        if (failures.length > 0) {
          expect(failures.map(({ said }) => said)).to.include(answer);
          return;
        }
        if (!isFound(answer)) return;
        const found = members.filter(({ said }) => isFound(said));
        const allowed = new Set(found.flatMap((member) => [...partsOf(member.said as UserInfo, member)]));
        expectSubset(partsOf(answer), allowed, 'given by no source');
      }),
      runs,
    );
  });

  it('finds a user exactly when the deciding sources do', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const { members, identity } = scenario;
        const answer = await ask(scenario);
        if (members.some(({ said, required }) => required && typeof said === 'string')) return;
        const said = members.map((member) => member.said);
        const deciding =
          identity === 'any' || identity === 'all' ? said : said.filter((_one, index) => nameOf(index) === identity);
        if (answer === null) {
          if (identity === 'any') expect(deciding.every((one) => one === null)).to.equal(true);
          else expect(deciding).to.include(null);
        } else if (isFound(answer)) {
          expect(identity === 'any' ? deciding.some(isFound) : deciding.every(isFound)).to.equal(true);
        } else expect(said, 'a failure that nobody had').to.include(answer);
      }),
      runs,
    );
  });

  it('by union, returns everything that each source returned', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const answer = await ask({ ...scenario, groups: 'union', authorizations: 'union', x: 'union' });
        if (!isFound(answer)) return;
        for (const member of scenario.members) {
          if (isFound(member.said)) expectSubset(partsOf(member.said, member), partsOf(answer), 'left out');
        }
      }),
      runs,
    );
  });

  it('by precedence, returns each part completely from one source', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const answer = await ask({ ...scenario, groups: 'precedence', authorizations: 'precedence', x: 'precedence' });
        if (!isFound(answer)) return;
        const found = scenario.members.flatMap((member) =>
          isFound(member.said) ? [{ ...member, said: member.said }] : [],
        );
        const lists = (read: (user: UserInfo, prefix: string) => readonly string[]) =>
          found.map(({ said, prefix }) => [...new Set(read(said, prefix))].sort().join());
        if (answer.groups.length > 0) {
          const groups = answer.groups.map(({ name }) => name).sort();
          expect(lists((user, prefix) => user.groups.map(({ name }) => prefix + name))).to.include(groups.join());
        }
        for (const [name, values] of Object.entries(answer.authorizations)) {
          const ofName = lists((user, prefix) =>
            Object.entries(user.authorizations).flatMap(([own, list]) => (prefix + own === name ? list : [])),
          );
          expect(ofName).to.include([...values].sort().join());
        }
      }),
      runs,
    );
  });

  it('returns no more data without a failed optional source than with it', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        scenarioArbitrary,
        fc.array(definiteArbitrary, { minLength: 4, maxLength: 4 }),
        async (scenario, insteadOf) => {
          const without = await ask(scenario);
          if (!isFound(without)) return;
          const members = scenario.members.map((member, index) =>
            typeof member.said === 'string' ? { ...member, said: insteadOf[index] ?? null } : member,
          );
          const withIt = await ask({ ...scenario, members });
          expect(isFound(withIt), 'known only without it').to.equal(true);
          expectSubset(partsOf(without), partsOf(withIt as UserInfo), 'given only without it');
          if (scenario.members.some(({ said }) => typeof said === 'string')) compared += 1;
        },
      ),
      runs,
    );
    // A property that compares nothing would always be true.
    expect(compared).to.be.greaterThan(20);
  });
});
