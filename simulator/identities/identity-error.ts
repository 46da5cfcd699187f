// Error of a change that the platform would reject too.

/**
 * `unknown`: there is no such user, group, IAM or permission. `taken`: there is one already. `invalid`: a name that can't be.
 * `unconfirmed`: a delete that was not confirmed twice. `refused`: a rule of the platform is against it.
 */
export type IdentityErrorKind = 'unknown' | 'taken' | 'invalid' | 'unconfirmed' | 'refused';

/** Nothing was changed. The message is for the person who asked, and names what was asked for. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly kind: IdentityErrorKind;

  constructor(kind: IdentityErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
