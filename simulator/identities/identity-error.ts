// Error for a change that the platform would also reject.

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
