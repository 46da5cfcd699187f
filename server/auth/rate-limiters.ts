// Owns loading the counters of rate-limiter-flexible that keep their counts in memory. Its index loads those of twenty databases too.
import { createRequire } from 'node:module';

type Library = typeof import('rate-limiter-flexible');

const require = createRequire(import.meta.url);

export const RateLimiterMemory: Library['RateLimiterMemory'] = require('rate-limiter-flexible/lib/RateLimiterMemory');
/** What a limiter rejects with when a limit is reached. */
export const RateLimiterRes: Library['RateLimiterRes'] = require('rate-limiter-flexible/lib/RateLimiterRes');

/** Counts in the primary of this worker. */
export function rateLimiterCluster(): Library['RateLimiterCluster'] {
  return require('rate-limiter-flexible/lib/RateLimiterCluster').RateLimiterCluster;
}
