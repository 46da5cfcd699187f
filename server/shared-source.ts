// Source that consecutive generations share; it is closed when the last one releases it.
import type { UserSource } from './adapters/user-source.ts';

export class SharedSource {
  readonly source: UserSource;
  /** Equal when everything that the source was made from is. */
  readonly digest: string;
  #users = 1;

  /** Its maker is its first user. */
  constructor(source: UserSource, digest: string) {
    this.source = source;
    this.digest = digest;
  }

  retain(): this {
    this.#users += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.source.close();
  }
}
