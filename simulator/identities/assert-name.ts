// Owns which texts can be names and values.
import { IdentityError } from './identity-error.ts';

/** Whether SQLite keeps a text as it is: no NUL, at which the driver cuts, and no half of a surrogate pair, which UTF-8 has not. */
export function isKeepable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** @param what e.g. "group"; stands in the message. @throws {IdentityError} `invalid`. */
export function assertName(what: string, text: string): void {
  if (text.trim() === '') throw new IdentityError('invalid', `The ${what} must not be empty.`);
  if (!isKeepable(text)) {
    throw new IdentityError('invalid', `The ${what} holds a NUL or half a surrogate pair, which can't be kept.`);
  }
}
