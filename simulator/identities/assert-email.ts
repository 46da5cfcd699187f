// Validates e-mail addresses that people enter, by the rule that browsers apply to an e-mail field.
import { IdentityError } from './identity-error.ts';

/** "Valid e-mail address" of the WHATWG HTML standard. */
const emailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** @throws {IdentityError} `invalid`. */
export function assertEmail(text: string): void {
  if (text.length <= 320 && emailAddress.test(text)) return;
  throw new IdentityError('invalid', `${text} is not an e-mail address. Use the form ada@example.com.`);
}
