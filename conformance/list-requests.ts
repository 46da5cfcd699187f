// Dry run: lists the requests of a run by running it against the kit's conformant endpoint.
import type { Topic } from './check.ts';
import { catalogue } from './checks/catalogue.ts';
import { checkOptions } from './conformance-options.ts';
import { findCustomCheckFaults, type RunOptions, withCustomChecks } from './define-check.ts';
import type { WrittenRequest } from './http/transcript.ts';
import { findObstacle } from './probe.ts';
import { runChecks } from './run-checks.ts';
import { findSelectionFaults, selectChecks } from './select-checks.ts';
import { withStandIn } from './stand-in.ts';

/** Requests that a run would send. */
export interface RequestList {
  readonly requests: readonly WrittenRequest[];
  /** Number of requests with wrong credentials. */
  readonly failedLogins: number;
}

/**
 * Lists what `runConformance` would send with these options to a conformant endpoint. A failed check of another endpoint is repeated, which sends
 * more requests. Sends requests only to an endpoint that it starts on loopback and stops again, and runs no hook. As in reports, shell variables
 * replace secrets and, unless `showData` is set, user ids.
 *
 * @param topics the checks whose requests are listed. Default: all selected by `only` and `skip`.
 * @throws {ConformanceOptionsError} as runConformance does.
 */
export async function listRequests(
  given: RunOptions,
  topics: readonly Topic[] = selectChecks(withCustomChecks(catalogue, given.customChecks), given),
): Promise<RequestList> {
  const options = checkOptions(given, [
    ...findCustomCheckFaults(catalogue, given.customChecks),
    ...findSelectionFaults(withCustomChecks(catalogue, given.customChecks), given),
  ]);
  return withStandIn(options, async (context) => {
    await findObstacle(context, options.url.protocol);
    await runChecks(topics, context);
    return { requests: context.transcript.requests, failedLogins: context.tally().failedLoginsSent };
  });
}
