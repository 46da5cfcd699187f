// Compiled validators of user info, and messages for the errors of any validator.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { loadValidator } from './compile-schema.ts';
import type { UserInfo } from './generated/user-info.ts';

/** Strict profile of a 200 body: no extra keys. Responses of our server are always valid. */
export const validateUserInfo = loadValidator<UserInfo>('user-info');

/** Lenient profile of a 200 body: extra keys at the top level and in a group are tolerated. */
export const validateUserInfoLenient = loadValidator<UserInfo>('user-info-lenient');

/**
 * Describes an error of a validator as text, e.g. `/groups/0 must be object`. It contains places and rules, never values or attribute names, which
 * are user data.
 */
export function describeSchemaErrors(errors: ErrorObject[] | null | undefined): string {
  if (!errors || errors.length === 0) return 'no complaint';
  return errors.map(({ instancePath, message }) => `${placeOf(instancePath)} ${message ?? 'is invalid'}`).join('; ');
}

function placeOf(instancePath: string): string {
  return instancePath.replace(/^\/authorizations\/[^/]*/, '/authorizations/*') || '(top level)';
}
