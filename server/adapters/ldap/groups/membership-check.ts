// Check of memberships at startup and for readiness: a sample, which is valid for a minute unless it fails.
import { type AdapterLog, type LookUpSignal, SourceError } from '../../user-source.ts';
import type { Directory } from '../directory.ts';
import type { DirectorySettings } from '../directory-settings.ts';
import { assertMemberships, type SampleFinding, sampleMemberships } from './membership-sample.ts';

/** How long a sample that does not fail is valid. After a bad sample, the next check takes a new one. */
const trustMs = 60_000;

/**
 * Returns a function that throws a SourceError while every user would be served without groups. Checks that run at the same
 * time share one sample.
 *
 * @param now milliseconds.
 */
export function createMembershipCheck(
  directory: Directory,
  settings: DirectorySettings,
  log: AdapterLog,
  now: () => number,
): (signal: LookUpSignal) => Promise<void> {
  let trustedUntilMs = Number.NEGATIVE_INFINITY;
  let sampling: Promise<void> | null = null;
  let warned = '';

  async function sample(signal: LookUpSignal): Promise<void> {
    const finding = await sampleMemberships({ directory, settings, signal }).catch(asUnknown);
    assertMemberships(finding);
    trustedUntilMs = now() + trustMs;
    const warning = finding === null || finding.verdict === 'works' ? '' : `${finding.text}. ${finding.remedy}.`;
    // Log the warning once, not every minute.
    if (warning !== '' && warning !== warned) log.warn({}, `ldap: ${warning}`);
    warned = warning;
  }

  return (signal) => {
    if (now() < trustedUntilMs) return Promise.resolve();
    sampling ??= sample(signal).finally(() => {
      sampling = null;
    });
    return sampling;
  };
}

/**
 * Returns a finding for a SourceError other than `unavailable`; rethrows other errors. A server may reject this search and still respond to lookups;
 * in that case the memberships are unknown.
 */
function asUnknown(error: unknown): SampleFinding {
  if (!(error instanceof SourceError) || error.kind === 'unavailable') throw error;
  const text = `the memberships of a sample of users could not be checked. ${error.message.replace(/\.$/, '')}`;
  return { verdict: 'empty', text, remedy: '`user-info doctor` shows what the bind account can read' };
}
