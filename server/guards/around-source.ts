// Owns how a guard stands around a source: what it does not change, it hands through.
import type { UserSource } from '../adapters/user-source.ts';

/**
 * A source that is `source` but for `changes`. Two things are not handed through unless they stand in `changes`:
 * `answersFromMemory`, since a guard that waits makes it untrue, and `recallUser`, since what is recalled would go past
 * the guard.
 */
export function aroundSource(
  source: UserSource,
  changes: Partial<UserSource> & Pick<UserSource, 'findUser'>,
): UserSource {
  return {
    check: () => source.check(),
    close: () => source.close(),
    ...(source.status && { status: source.status.bind(source) }),
    ...(source.explainUser && { explainUser: source.explainUser.bind(source) }),
    ...changes,
  };
}
