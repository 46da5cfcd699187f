// Probe of whether an upstream applies the filters in requests: it must find nothing for a user and an id that do not exist.
import { randomUUID } from 'node:crypto';
import { type LookUpSignal, SourceError } from '../user-source.ts';
import type { RequestPlan } from './proxy-plan.ts';
import type { TemplateValues } from './request-template.ts';
import type { Page } from './walk-pages.ts';

/** Sends a request and passes each page to `assertPage` as it arrives. */
export type SendProbe = (
  request: RequestPlan,
  values: TemplateValues,
  signal: LookUpSignal,
  assertPage: (page: Page) => void,
) => Promise<unknown>;

export interface ProbedRequests {
  readonly user: RequestPlan;
  /** `null`: there is no request for groups. */
  readonly groups: RequestPlan | null;
  /** Whether `groups` is the preset's own request, whose response to an unknown id is known. */
  readonly isPresetGroups: boolean;
}

/** How long a successful probe of the groups request is valid. Readiness is polled every few seconds. */
const groupsProbeIntervalMs = 300_000;

/** A filter was ignored: every user would get the unfiltered list. */
class IgnoredFilter extends SourceError {}

export class FilterProbe {
  readonly #requests: ProbedRequests;
  readonly #send: SendProbe;
  #groupsHoldUntilMs = 0;
  #failure: SourceError | null = null;

  constructor(requests: ProbedRequests, send: SendProbe) {
    this.#requests = requests;
    this.#send = send;
  }

  /** The ignored filter that the last conclusive probe found; `null`: none. While a filter is ignored, lookups must fail. */
  get failure(): SourceError | null {
    return this.#failure;
  }

  /**
   * Requests a random user at each call, and the groups of a random id every few minutes.
   *
   * @throws {SourceError} `bad-answer` if a filter is ignored or rejected; also the errors of a lookup.
   */
  async run(signal: LookUpSignal): Promise<void> {
    try {
      await this.#probeUser(signal);
      await this.#probeGroups(signal);
      this.#failure = null;
    } catch (error) {
      // Timeouts and similar errors do not show whether the filter works.
      if (error instanceof IgnoredFilter) this.#failure = error;
      throw error;
    }
  }

  async #probeUser(signal: LookUpSignal): Promise<void> {
    const { user } = this.#requests;
    const userid = `user-info-check-${randomUUID()}@example.invalid`;
    await this.#send(user, { userid }, signal, ({ items }) => {
      if (items.length === 0) return;
      throw new IgnoredFilter(
        'bad-answer',
        `The upstream responded to ${user.label} with a user, although no user has this random userid: ${reasonFor(user)}.`,
      );
    });
  }

  async #probeGroups(signal: LookUpSignal): Promise<void> {
    const { groups, isPresetGroups } = this.#requests;
    if (groups === null || performance.now() < this.#groupsHoldUntilMs) return;
    const id = randomUUID();
    const request = isPresetGroups && !groups.isFilter ? { ...groups, notFound: unknownId } : groups;
    try {
      await this.#send(request, { userid: id, everyValue: id }, signal, ({ items }) => {
        if (items.length === 0) return;
        throw new IgnoredFilter(
          'bad-answer',
          `The upstream responded to ${groups.label} with groups, although no user has this random id. It ignores the filter, so every user would get these groups. ${groupsRemedy}`,
        );
      });
    } catch (error) {
      // A custom API may reject an unknown id in any way, but it must not return groups.
      if (isPresetGroups || error instanceof IgnoredFilter || !(error instanceof SourceError)) throw error;
    }
    this.#groupsHoldUntilMs = performance.now() + groupsProbeIntervalMs;
  }
}

/** Responses of Microsoft Graph, Okta and Keycloak to the address of a user who does not exist. */
const unknownId = { statuses: [400, 404], says: null };

const groupsRemedy =
  "Read the groups from the user's own entry instead. For SCIM, set mapping.groups: [{ from: user, list: /groups, name: /display, optional: true }]. Or set groups.path to a filter that this API applies.";

function reasonFor({ list, isFilter }: RequestPlan): string {
  if (list === null) {
    return 'it does not distinguish users, or responds with 200 for unknown users. Set user.path to an address that returns 404 for an unknown user';
  }
  return isFilter
    ? 'it ignores the filter. Set user.path to a filter that this API applies; check its attribute, syntax and parameter name'
    : 'it does not distinguish users. Set user.path to an address that depends on the userid';
}
