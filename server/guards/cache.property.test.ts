// Property tests of the cache: over generated histories it returns only what the source returned within the limits.
import { expect } from 'chai';
import fc from 'fast-check';
import { SourceError } from '../adapters/user-source.ts';
import { guardSource } from './guard-source.ts';
import { StaleUserInfo } from './passing-user-info.ts';
import {
  createAnsweringSource,
  createStillClock,
  createSurroundings,
  groupsOf,
  neverAborted,
  userIn,
} from './testing/scripted-source.ts';

const ttl = 10;
const negativeTtl = 5;
const maxStale = 20;

type Step =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'change'; readonly known: boolean }
  | { readonly kind: 'fail'; readonly failing: boolean }
  | { readonly kind: 'reload' }
  | { readonly kind: 'ask' };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'ask' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 15 }) }) },
  fc.record({ kind: fc.constant('change' as const), known: fc.boolean() }),
  fc.record({ kind: fc.constant('fail' as const), failing: fc.boolean() }),
  { weight: 1, arbitrary: fc.constant({ kind: 'reload' as const }) },
);

/** The source's answer from a given moment on; each version of the user differs. */
interface Era {
  readonly fromMs: number;
  readonly version: string | null;
  readonly failing: boolean;
  readonly generation: number;
}

describe('the cache, for generated histories of its source', () => {
  it('returns only what the source returned within the limits, and fails only when the source fails', async () => {
    let hits = 0;
    let stale = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 60 }), async (steps) => {
        const clock = createStillClock();
        const eras: Era[] = [{ fromMs: clock.now(), version: '0', failing: false, generation: 1 }];
        const now = () => eras.at(-1) as Era;
        const enter = (change: Partial<Era>) => eras.push({ ...now(), ...change, fromMs: clock.now() });
        let versions = 0;
        let notFoundAtMs = Number.NEGATIVE_INFINITY;
        const source = {
          ...createAnsweringSource(() => {
            const { version, failing } = now();
            if (failing) throw new SourceError('unavailable', 'down');
            if (version === null) notFoundAtMs = clock.now();
            return version === null ? null : userIn(version);
          }),
          status: () => ({ users: 1, generation: now().generation, loadedAtMs: 0, staleReason: null }),
        };
        const cache = {
          ttlSeconds: ttl,
          negativeTtlSeconds: negativeTtl,
          maxEntries: 10,
          maxBytes: 100_000,
          staleIfError: { maxStaleSeconds: maxStale },
        };
        const guarded = guardSource(source, { coalesce: true, cache }, { ...createSurroundings(), now: clock.now });

        /** Returns whether the source would have returned this version at some moment in the last `seconds`, from its current data. */
        const saidWithin = (version: string | null, seconds: number) =>
          eras.some(({ fromMs, version: said, failing, generation }, index) => {
            const untilMs = eras[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
            const isLate = untilMs > clock.now() - seconds * 1000 || untilMs === Number.POSITIVE_INFINITY;
            return said === version && !failing && generation === now().generation && isLate && fromMs <= clock.now();
          });

        for (const step of steps) {
          if (step.kind === 'wait') clock.advance(step.seconds);
          if (step.kind === 'change') enter({ version: step.known ? `${++versions}` : null });
          if (step.kind === 'fail') enter({ failing: step.failing });
          if (step.kind === 'reload') enter({ generation: now().generation + 1 });
          if (step.kind !== 'ask') continue;
          const before = source.calls;
          const answer = await guarded.findUser('ada', neverAborted()).catch((error: unknown) => error as Error);
          if (answer instanceof Error) {
            expect(now().failing, 'failed although the source did not').to.equal(true);
            continue;
          }
          if (source.calls === before) hits += 1;
          if (answer === null) {
            expect(saidWithin(null, negativeTtl), 'an old "no such user"').to.equal(true);
          } else if (answer instanceof StaleUserInfo) {
            stale += 1;
            const [version = ''] = groupsOf(answer) ?? [];
            expect(now().failing, 'stale although the source answers').to.equal(true);
            expect(saidWithin(version, ttl + maxStale), 'staler than allowed').to.equal(true);
            const bornAtMs = clock.now() - answer.ageSeconds * 1000;
            expect(bornAtMs, 'stale over a 404').to.be.at.least(notFoundAtMs);
          } else {
            const [version = ''] = groupsOf(answer) ?? [];
            expect(saidWithin(version, ttl), 'older than its time').to.equal(true);
          }
        }
      }),
      { numRuns: 1000 },
    );
    // Histories in which the cache never returns an answer would prove nothing.
    expect(hits).to.be.greaterThan(1000);
    expect(stale).to.be.greaterThan(50);
  });
});
