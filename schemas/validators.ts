// Compiled validators of user info, and messages for the errors of any validator.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { loadValidator } from './compile-schema.ts';
import type { UserInfo } from './generated/user-info.ts';

/** Strict profile of a 200 body: no extra keys. What our server sends always holds. */
export const validateUserInfo = loadValidator<UserInfo>('user-info');

/** Lenient profile of a 200 body: extra keys at the top level and in a group are tolerated. */
export const validateUserInfoLenient = loadValidator<UserInfo>('user-info-lenient');

/**
 * Says in words what a validator found, e.g. `/groups/0 must be object`. It names places and rules, never values nor the
 * names of attributes: those are a user's data.
 */
export function describeSchemaErrors(errors: ErrorObject[] | null | undefined): string {
  if (!errors || errors.length === 0) return 'no complaint';
  return errors.map(({ instancePath, message }) => `${placeOf(instancePath)} ${message ?? 'is invalid'}`).join('; ');
}

function placeOf(instancePath: string): string {
  return instancePath.replace(/^\/authorizations\/[^/]*/, '/authorizations/*') || '(top level)';
}
