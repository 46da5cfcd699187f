// Wraps a source with a guard and forwards everything that the guard does not change.
import type { LookUpSource } from '../adapters/user-source.ts';

/**
 * A source that is `source` but for `changes`. Two things are not handed through unless they stand in `changes`:
 * `answersFromMemory`, since a guard that waits makes it untrue, and `findUserInMemory`, since its result would go past
 * the guard.
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
