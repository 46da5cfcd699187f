// User info past its lifetime, and the header that says so.
import { PassingUserInfo } from './passing-user-info.ts';

/** Sent with an answer that is past its time: how many seconds ago it was looked up. */
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
