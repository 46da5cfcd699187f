// Coalescing: equal lookups that run at the same time call the source once.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { LookUpSignal, LookUpSource } from '../adapters/user-source.ts';
import { aroundSource, generationReader } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';
import { abortError, LookUpAbort, onAbort } from './lookup-abort.ts';
import { ownCopy } from './passing-user-info.ts';

/**
 * Lookups of the same userid share one call of `source` and its answer or error. A caller that disconnects does not affect the others; the source's
 * signal is aborted when the last caller has disconnected. A later caller starts a new call, as does a caller that arrives after the source has
 * loaded newer data.
 */
export function withCoalescing(source: LookUpSource, tally: GuardTally): LookUpSource {
  const flights = new Map<string, Flight>();
  const countCoalesced = tally.counter('coalesced');
  const generationOf = generationReader(source);
  return aroundSource(source, {
    findUser(userid, signal) {
      if (signal.aborted) return Promise.reject(abortError(signal));
      const generation = generationOf();
      const underWay = flights.get(userid);
      if (underWay?.generation === generation) {
        countCoalesced();
        return underWay.join(signal);
      }
      const flight = new Flight(source, userid, generation, () => {
        // A newer call may have taken the place of this one.
        if (flights.get(userid) === flight) flights.delete(userid);
      });
      flights.set(userid, flight);
      return flight.join(signal);
    },
  });
}

/** One call of the source with its waiting callers. */
class Flight {
  readonly generation: number;
  readonly #answer: Promise<UserInfo | null>;
  readonly #abort = new LookUpAbort();
  readonly #onEnd: () => void;
  #waiting = 0;

  constructor(source: LookUpSource, userid: string, generation: number, onEnd: () => void) {
    this.generation = generation;
    this.#onEnd = onEnd;
    this.#answer = findUser(source, userid, this.#abort);
    this.#answer.then(onEnd, onEnd);
  }

  join(signal: LookUpSignal): Promise<UserInfo | null> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        const error = abortError(signal);
        reject(error);
        this.#waiting -= 1;
        if (this.#waiting > 0) return;
        this.#onEnd();
        this.#abort.abort(error);
      };
      const stop = onAbort(signal, leave);
      this.#answer.then(
        (answer) => {
          stop();
          resolve(ownCopy(answer));
        },
        (error: unknown) => {
          stop();
          reject(error);
        },
      );
    });
  }
}

/** Calls the source; a synchronous error becomes a rejection. */
async function findUser(source: LookUpSource, userid: string, signal: LookUpSignal): Promise<UserInfo | null> {
  return source.findUser(userid, signal);
}
