// Credentials of a request: the right ones for each declared authentication, and the wrong ones that checks use.
import { randomBytes } from 'node:crypto';
import { type AuthMode, hasClientCertificate } from '../conformance-options.ts';

/** Credentials of one request. */
export interface Credentials {
  /** Value of the Authorization header; null: not sent. */
  readonly authorization: string | null;
  /** Whether the client certificate of --cert is presented. */
  readonly certificate: boolean;
  /**
   * The user name for which the endpoint may count a failed login; empty: the name is unreadable. The number of such requests is limited: see
   * request-budget.ts. Null: the request does not count as a failed login.
   */
  readonly failedLoginOf: string | null;
  /** Credentials other than a certificate, as arguments of a curl line with shell variables for secrets; may be empty. */
  readonly shown: string;
}

/** All credentials that checks use. Basic credentials are meaningful only with --username; see Need. */
export interface CredentialSet {
  /** All given credentials that the declared authentication uses; for `either` both, if both were given. */
  readonly right: Credentials;
  readonly nothing: Credentials;
  /** Right except that Basic is omitted: nothing at all, or for `both` the certificate alone. */
  readonly withoutBasic: Credentials;
  /** Right except for the certificate: nothing at all, or for `both` Basic alone. */
  readonly withoutCertificate: Credentials;
  readonly basicAlone: Credentials;
  readonly certificateAlone: Credentials;
  readonly wrongPassword: Credentials;
  /** A random user name, so that no real account can be locked. */
  readonly wrongUsername: Credentials;
  readonly malformedBase64: Credentials;
  readonly withoutColon: Credentials;
}

/** Returns the value of an Authorization header for a user name, a colon and a password. */
export function basicValue(userPass: string): string {
  return `Basic ${Buffer.from(userPass, 'utf8').toString('base64')}`;
}

/** Number of wrong passwords for one user name: five that every run sends, and two for rarer defects. */
export const moreFailedLogins = 7;

/** Returns the credentials of one run. Random parts are new in each run. */
export function createCredentials(options: {
  readonly auth: AuthMode;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly cert?: string | undefined;
  readonly pfx?: Buffer | undefined;
}): CredentialSet {
  const { auth, username, password = '' } = options;
  const rightBasic = username === undefined ? null : basicValue(`${username}:${password}`);
  const basicIsAsked = auth === 'basic' || auth === 'both' || auth === 'either';
  const certificateIsAsked = auth === 'mtls' || auth === 'both' || auth === 'either';
  const hasCertificate = hasClientCertificate(options);
  // For `either`, a certificate together with wrong Basic credentials would rightly be sufficient.
  const besideBasic = auth === 'both';
  const rightShown = '--user "$USERNAME:$PASSWORD"';
  const present = (authorization: string | null, certificate: boolean): Credentials => ({
    authorization,
    certificate,
    failedLoginOf: null,
    shown: authorization === null ? '' : rightShown,
  });
  const fail = (authorization: string, failedLoginOf: string, shown: string): Credentials => ({
    authorization,
    certificate: besideBasic,
    failedLoginOf,
    shown,
  });
  const random = randomBytes(12).toString('hex');
  const nobody = `nobody-${random}`;
  const authorization = basicIsAsked ? rightBasic : null;
  return {
    right: present(authorization, certificateIsAsked && hasCertificate),
    nothing: present(null, false),
    withoutBasic: present(null, besideBasic),
    withoutCertificate: present(besideBasic ? rightBasic : null, false),
    basicAlone: present(rightBasic, false),
    certificateAlone: present(null, true),
    wrongPassword: fail(
      basicValue(`${username}:wrong-${random}`),
      username ?? '',
      `--user "$USERNAME:wrong-${random}"`,
    ),
    wrongUsername: fail(basicValue(`${nobody}:${password}`), nobody, `--user "${nobody}:$PASSWORD"`),
    malformedBase64: fail('Basic %%%', '', '--header "Authorization: Basic %%%"'),
    withoutColon: fail(
      basicValue(username ?? random),
      username ?? '',
      '--header "Authorization: Basic $(printf %s "$USERNAME" | base64 --wrap=0)"',
    ),
  };
}
