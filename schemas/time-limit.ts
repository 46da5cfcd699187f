// The longest time limit that an option accepts.

/**
 * One day in ms. Node.js fires a timer of more than 2^31 - 1 ms (24.8 days) after 1 ms. The sum of a few time limits remains below
 * that.
 */
export const maxTimeLimitMs = 86_400_000;

/** Returns whether `value` is a whole number from `minimum` to one day, in ms. */
export function isTimeLimit(value: number, minimum = 1): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maxTimeLimitMs;
}

/** Returns the message for a `value` that `isTimeLimit` rejects. `option`: its name, e.g. "--timeout-ms". */
export function describeTimeLimit(option: string, value: number, minimum = 1): string {
  return `${option} must be a whole number of milliseconds from ${minimum} to ${maxTimeLimitMs} (one day). It is ${value}.`;
}
