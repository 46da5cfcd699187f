// Error for a change that the platform would also reject, and the rules for names and e-mail addresses.
import { isKeepable } from '../database/database-error.ts';

/**
 * `unknown`: the user, group, IAM or permission does not exist. `taken`: a user, group, IAM or permission with this name already exists. `invalid`:
 * an invalid name, e-mail address, setting or number of days. `unconfirmed`: a deletion that was not confirmed twice. `refused`: a rule of the
 * platform forbids the change.
 */
export type IdentityErrorKind = 'unknown' | 'taken' | 'invalid' | 'unconfirmed' | 'refused';

/** Nothing was changed. The message is for the caller, and names what was requested. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly kind: IdentityErrorKind;

  constructor(kind: IdentityErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** @param what kind of name for the message, e.g. "group". @throws {IdentityError} `invalid`. */
export function assertName(what: string, text: string): void {
  if (text.trim() === '') throw new IdentityError('invalid', `The ${what} must not be empty.`);
  if (!isKeepable(text)) {
    throw new IdentityError('invalid', `The ${what} contains a NUL or an unpaired surrogate, which cannot be stored.`);
  }
}

/** "Valid e-mail address" of the WHATWG HTML standard. */
const emailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** @throws {IdentityError} `invalid`. */
export function assertEmail(text: string): void {
  if (text.length <= 320 && emailAddress.test(text)) return;
  throw new IdentityError('invalid', `${text} is not an e-mail address. Use the form ada@example.com.`);
}
