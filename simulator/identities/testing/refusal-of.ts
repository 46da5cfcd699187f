// Reason why a change was rejected, for tests.
import { IdentityError } from '../identity-error.ts';

/** @throws if the change was not rejected, or if it failed for another reason. */
export function refusalOf(action: () => unknown): IdentityError['kind'] {
  try {
    action();
  } catch (error) {
    if (error instanceof IdentityError) return error.kind;
    throw error;
  }
  throw new Error('it was not refused');
}
