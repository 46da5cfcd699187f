// Tests that the abort of a lookup reaches every listener, by each kind of signal.
import { expect } from 'chai';
import { SourceError, type UserSource } from '../adapters/user-source.ts';
import { withAbortSignals } from './around-source.ts';
import { LookUpAbort, onAbort } from './lookup-abort.ts';
import { createScriptedSource, neverAborted, outcomeOf, settle } from './testing/scripted-source.ts';

const reason = new SourceError('too-slow', 'the reason');

describe('the abort of a lookup', () => {
  it('notifies all listeners once, in order', () => {
    const abort = new LookUpAbort();
    const told: string[] = [];
    onAbort(abort, () => told.push('first'));
    onAbort(abort, () => told.push('second'));
    expect(abort).to.include({ aborted: false, reason: undefined });
    abort.abort(reason);
    abort.abort(new Error('another one'));
    expect(told).to.deep.equal(['first', 'second']);
    expect(abort).to.include({ aborted: true, reason });
  });

  it('does not notify listeners that were removed, even during the notification, or added later', () => {
    const abort = new LookUpAbort();
    const told: string[] = [];
    const stopLast = () => stop();
    onAbort(abort, () => {
      told.push('first');
      stopLast();
    });
    const stop = onAbort(abort, () => told.push('last'));
    onAbort(abort, () => told.push('never'))();
    abort.abort(reason);
    onAbort(abort, () => told.push('later'));
    expect(told).to.deep.equal(['first']);
  });
});

describe('a source that requires AbortSignals', () => {
  /** Creates a source as a developer who knows only AbortSignal would write it: it combines the request's own limit with the caller's signal. */
  function createForeignSource(): UserSource & { readonly signals: AbortSignal[] } {
    const signals: AbortSignal[] = [];
    return {
      signals,
      findUser(_userid, signal) {
        signals.push(signal);
        const joined = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
        return new Promise((_resolve, reject) => joined.addEventListener('abort', () => reject(joined.reason)));
      },
      async check() {},
      async close() {},
    };
  }

  it('receives a signal that is aborted together with the lookup and for the same reason', async () => {
    const source = createForeignSource();
    const abort = new LookUpAbort();
    const lookUp = outcomeOf(withAbortSignals(source).findUser('ada', abort));
    await settle();
    abort.abort(reason);
    expect(await lookUp).to.equal('too-slow');
    expect(source.signals[0]).to.be.instanceOf(AbortSignal).and.include({ aborted: true, reason });
  });

  it('receives an aborted signal when the lookup is already aborted', async () => {
    const source = createForeignSource();
    const abort = new LookUpAbort();
    abort.abort(reason);
    void withAbortSignals(source).findUser('ada', abort);
    expect(source.signals[0]).to.include({ aborted: true, reason });
  });

  it("receives the caller's signal when it is an AbortSignal", () => {
    const source = createForeignSource();
    const signal = neverAborted();
    void withAbortSignals(source).findUser('ada', signal);
    expect(source.signals).to.deep.equal([signal]);
  });

  it('is unchanged in all other respects', async () => {
    const origins = { groups: [], authorizations: [] };
    const calls: string[] = [];
    const source: UserSource = {
      ...createForeignSource(),
      answersFromMemory: true,
      findUserInMemory: () => null,
      status: () => ({ users: 1, generation: 7, loadedAtMs: 0, staleReason: null }),
      explainUser: async () => origins,
      isDisabled: async () => true,
      check: async () => void calls.push('check'),
      close: async () => void calls.push('close'),
    };
    const wrapped = withAbortSignals(source);
    expect(wrapped.answersFromMemory).to.equal(true);
    expect(wrapped.findUserInMemory?.('ada', null)).to.equal(null);
    expect(wrapped.status?.().generation).to.equal(7);
    expect(await wrapped.explainUser?.('ada', neverAborted())).to.equal(origins);
    expect(await wrapped.isDisabled?.('ada', neverAborted())).to.equal(true);
    await wrapped.check();
    await wrapped.close();
    expect(calls).to.deep.equal(['check', 'close']);
  });

  it('is wrapped only when it requires an AbortSignal', () => {
    const source = createScriptedSource();
    expect(withAbortSignals(source)).to.equal(source);
  });
});
