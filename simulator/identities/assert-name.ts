// Texts that are valid as names and values.
import { isKeepable } from '../database/keepable-text.ts';
import { IdentityError } from './identity-error.ts';

/** @param what kind of name for the message, e.g. "group". @throws {IdentityError} `invalid`. */
export function assertName(what: string, text: string): void {
  if (text.trim() === '') throw new IdentityError('invalid', `The ${what} must not be empty.`);
  if (!isKeepable(text)) {
    throw new IdentityError('invalid', `The ${what} contains a NUL or an unpaired surrogate, which cannot be stored.`);
  }
}
