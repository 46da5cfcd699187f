// User info that may be sent but not cached, including expired user info, and copies for several callers.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/**
 * An answer that is valid only for now: a merged source is missing, as the configuration allows, or a part of it has expired. In a cache, such an
 * answer would outlive the failure that caused it.
 */
export class PassingUserInfo extends EncodedUserInfo {}

/** Header of an expired answer: how many seconds ago it was looked up. */
export const staleHeader = 'User-Info-Stale-Seconds';

/** An answer that replaces a failed lookup. */
export class StaleUserInfo extends PassingUserInfo {
  readonly #ageSeconds: number;

  /** @param ageSeconds time since the lookup that returned the answer. */
  constructor(json: Buffer, ageSeconds: number) {
    super(json);
    this.#ageSeconds = ageSeconds;
  }

  get ageSeconds(): number {
    return this.#ageSeconds;
  }
}

/** Returns a copy of the answer, so that no caller can change another caller's copy. The encoded bytes are shared: nobody modifies them. */
export function ownCopy(answer: UserInfo | null): UserInfo | null {
  if (answer === null) return null;
  if (answer instanceof StaleUserInfo) return new StaleUserInfo(answer.json, answer.ageSeconds);
  if (answer instanceof PassingUserInfo) return new PassingUserInfo(answer.bytes);
  return answer instanceof EncodedUserInfo ? new EncodedUserInfo(answer.bytes) : structuredClone(answer);
}
