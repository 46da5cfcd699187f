// Faults of Basic authentication: an invalid header is accepted, or is rejected with another status.
import type { Fault, Login } from './fault.ts';

/** Returns the fault of an endpoint that accepts additional Authorization headers; `given` is the header as sent. */
export function takesBasic(
  name: string,
  trips: readonly string[],
  isTaken: (given: string, login: Login) => boolean,
): Fault {
  return {
    name,
    auth: 'basic',
    trips,
    alter: (good, login) => ({ holdsBasic: (given) => isTaken(given, login) || good.holdsBasic(given) }),
  };
}

/** Returns the fault of a 401 replaced by another status for some Authorization headers; `undefined`: none was sent. */
export function answersBasicWith(
  name: string,
  trips: readonly string[],
  status: number,
  when: (given: string | undefined, login: Login) => boolean,
): Fault {
  return {
    name,
    auth: 'basic',
    trips,
    alter: (_good, login) => ({
      finish: (good, { authorization }) =>
        good.status === 401 && when(authorization, login) ? { ...good, status } : good,
    }),
  };
}
