// Owns keeping V8's knowledge of what process.nextTick makes, over the collections of garbage that drop it.
import { executionAsyncResource } from 'node:async_hooks';

let kept: object | undefined;

/**
 * Node makes an object for each `process.nextTick`, several a request. When a full garbage collection finds none alive, V8 drops
 * their hidden class, and the next is made of another one; after a few collections the code that makes them has met too many
 * and is slow for good: 7 % of a request. One that stays alive keeps the class. Only documented calls are made: were the
 * resource of a tick something else one day, nothing but the gain would be lost.
 */
export function keepTickShape(): void {
  if (kept !== undefined) return;
  process.nextTick(() => {
    kept = executionAsyncResource();
  });
}
