// Owns the compiled validators of the contract's JSON Schemas, and how their complaints are put into words.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ConformanceReport } from './generated/conformance-report.ts';
import type { Problem } from './generated/problem.ts';
import type { UserInfo } from './generated/user-info.ts';
import { readSchema } from './read-schema.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addSchema(readSchema('user-info.schema.json'));

/** Strict profile of a 200 body: no extra keys. What our server sends always holds. */
export const validateUserInfo = ajv.getSchema('urn:user-info-kit:schema:user-info') as ValidateFunction<UserInfo>;

/** Lenient profile of a 200 body: extra keys at the top level and in a group are tolerated. */
export const validateUserInfoLenient = ajv.compile<UserInfo>(readSchema('user-info-lenient.schema.json'));

/** Body of every other answer of ours. */
export const validateProblem = ajv.compile<Problem>(readSchema('problem.schema.json'));

/** The JSON report of a conformance run. */
export const validateConformanceReport = ajv.compile<ConformanceReport>(readSchema('conformance-report.schema.json'));

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
