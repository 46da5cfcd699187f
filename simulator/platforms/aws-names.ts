// Validation of user names on data platforms, and the additional requirements of AWS.
import { assertName, IdentityError } from '../identities/identity-error.ts';
import type { AwsUserType, DataPlatformId } from './data-platforms.ts';

/**
 * Accepts User IDs of AWS IAM Identity Center, not e-mail addresses. The platform's page calls them numeric; AWS uses hexadecimal digits and dashes
 * (Identity Store API, UserId), so both are accepted.
 */
export function isIdentityCenterId(id: string): boolean {
  return /^[0-9a-f-]{1,47}$/i.test(id) && /\d/.test(id);
}

/** @param awsType null on platforms other than AWS. @throws {IdentityError} `invalid`. */
export function assertExternalId(platform: DataPlatformId, id: string, awsType: AwsUserType | null): void {
  assertName('user name', id);
  if ((platform === 'aws') !== (awsType !== null)) {
    throw new IdentityError(
      'invalid',
      platform === 'aws'
        ? 'An AWS user name needs its type: iam-user, iam-role or identity-center.'
        : 'Only an AWS user name has a type.',
    );
  }
  if (awsType === 'identity-center' && !isIdentityCenterId(id)) {
    throw new IdentityError(
      'invalid',
      `${id} is not a User ID of AWS IAM Identity Center. Enter the User ID that is shown there, not the e-mail address. It has 1 to 47 hexadecimal digits and dashes, with at least one decimal digit.`,
    );
  }
}
