// List of all faults: changes to the conformant endpoint, each with the ids of exactly the checks that must detect it.
import { basicFaults, certificateFaults } from './authentication-faults.ts';
import { bodyFaults } from './body-faults.ts';
import { badClientCertificateFaults } from './client-certificate-faults.ts';
import { credentialFaults } from './credential-faults.ts';
import { errorFaults } from './error-faults.ts';
import { expectedDataFaults } from './expected-data-faults.ts';
import type { Fault } from './fault.ts';
import { identityFaults } from './identity-faults.ts';
import { encodingFaults, knownUserFaults } from './known-user-faults.ts';
import { methodFaults } from './method-faults.ts';
import { queryFaults } from './query-faults.ts';
import { consistencyFaults, refusalFaults } from './request-faults.ts';
import { robustnessFaults } from './robustness-faults.ts';
import { sourceFailureFaults } from './source-failure-faults.ts';
import { tlsFaults } from './tls-faults.ts';
import { unauthenticatedClientFaults } from './unauthenticated-client-faults.ts';
import { useridSyntaxFaults } from './userid-syntax-faults.ts';

/** Every fault; each check is triggered by at least one. */
export const faults: readonly Fault[] = [
  ...knownUserFaults,
  ...encodingFaults,
  ...bodyFaults,
  ...refusalFaults,
  ...useridSyntaxFaults,
  ...identityFaults,
  ...queryFaults,
  ...methodFaults,
  ...errorFaults,
  ...consistencyFaults,
  ...expectedDataFaults,
  ...robustnessFaults,
  ...sourceFailureFaults,
  ...tlsFaults,
  ...certificateFaults,
  ...badClientCertificateFaults,
  ...unauthenticatedClientFaults,
  ...basicFaults,
  ...credentialFaults,
];
