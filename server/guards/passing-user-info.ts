// User info that may be sent but not cached, also past its lifetime, and copies for several callers.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/**
 * An answer that is valid for now only: a merged source is missing in it, as the configuration allows, or a part of it is past its
 * lifetime. In a cache it would outlive the failure that it comes from.
 */
export class PassingUserInfo extends EncodedUserInfo {}

/** Header of an answer past its lifetime: how many seconds ago it was looked up. */
export const staleHeader = 'User-Info-Stale-Seconds';

/** An answer that stands in for a lookup that failed. */
export class StaleUserInfo extends PassingUserInfo {
  readonly #ageSeconds: number;

  /** @param ageSeconds since the lookup that gave it. */
  constructor(json: Buffer, ageSeconds: number) {
    super(json);
    this.#ageSeconds = ageSeconds;
  }

  get ageSeconds(): number {
    return this.#ageSeconds;
  }
}

/** Returns the same answer as an object of its own, so that no caller can change another's. Encoded bytes are shared: nobody writes them. */
export function ownCopy(answer: UserInfo | null): UserInfo | null {
  if (answer === null) return null;
  if (answer instanceof StaleUserInfo) return new StaleUserInfo(answer.json, answer.ageSeconds);
  if (answer instanceof PassingUserInfo) return new PassingUserInfo(answer.bytes);
  return answer instanceof EncodedUserInfo ? new EncodedUserInfo(answer.bytes) : structuredClone(answer);
}
