// Owns the list of all faults: one-line changes of the conformant endpoint, each with the ids of exactly those checks that must find it.
import { basicFaults, certificateFaults } from './authentication-faults.ts';
import type { Fault } from './fault.ts';
import { knownUserFaults } from './known-user-faults.ts';
import { consistencyFaults, methodFaults, refusalFaults } from './request-faults.ts';

/** Every fault; each check is tripped by at least one. */
export const faults: readonly Fault[] = [
  ...knownUserFaults,
  ...refusalFaults,
  ...methodFaults,
  ...consistencyFaults,
  ...certificateFaults,
  ...basicFaults,
];
