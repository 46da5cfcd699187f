// Wraps a source with a guard and forwards everything that the guard does not change.
import type { LookUpSource } from '../adapters/user-source.ts';

/**
 * Returns `source` with `changes`. Two members are not forwarded unless they are in `changes`:
 * `answersFromMemory`, since it is not true for a guard that waits, and `recallUser`, since recalled answers would bypass the guard.
 */
export function aroundSource(
  source: LookUpSource,
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
