// Wraps a source with a guard, or for lookups with a LookUpSignal, and forwards everything else.
import type { LookUpSource, UserSource } from '../adapters/user-source.ts';
import { onAbort } from './lookup-abort.ts';

/**
 * Returns `source` with `changes` applied. Three members are not forwarded unless they are in `changes`. Metrics read `pool` from the source itself,
 * `answersFromMemory` is not true for a guard that waits, and the answers of `findUserInMemory` would bypass the guard.
 */
export function aroundSource(
  source: UserSource,
  changes: Partial<LookUpSource> & Pick<LookUpSource, 'findUser'>,
): LookUpSource {
  return {
    takesLookUpSignal: true,
    check: () => source.check(),
    close: () => source.close(),
    ...(source.status && { status: source.status.bind(source) }),
    ...(source.isDisabled && { isDisabled: source.isDisabled.bind(source) }),
    ...(source.explainUser && { explainUser: source.explainUser.bind(source) }),
    ...changes,
  };
}

/** Returns a function that reads the generation of the source's data; 0 for a source without its own data. */
export function generationReader(source: UserSource): () => number {
  return () => source.status?.().generation ?? 0;
}

/** Adapts `source` to lookups with a LookUpSignal: a source that does not support such signals receives an AbortSignal for each lookup. */
export function withAbortSignals(source: UserSource): LookUpSource {
  if (takesLookUpSignal(source)) return source;
  return aroundSource(source, {
    findUser(userid, signal) {
      if (signal instanceof AbortSignal) return source.findUser(userid, signal);
      const controller = new AbortController();
      if (signal.aborted) controller.abort(signal.reason);
      else onAbort(signal, () => controller.abort(signal.reason));
      return source.findUser(userid, controller.signal);
    },
    ...(source.answersFromMemory && { answersFromMemory: true }),
    ...(source.findUserInMemory && { findUserInMemory: source.findUserInMemory.bind(source) }),
  });
}

function takesLookUpSignal(source: UserSource): source is LookUpSource {
  return source.takesLookUpSignal === true;
}
