// Owns keeping the primary small: a full collection for every so many connections, since V8 by itself puts it off.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** They leave a megabyte; a collection takes some 10 ms, in which new connections wait and no request does. */
const connectionsBetween = 5000;

/**
 * node:cluster notes each connection that it hands over in a Map or two, which get a new table every few notes. Each table points to the next one,
 * and V8 frees none of those of an old Map before a full collection: a primary of 68 MB had 75 after 22 minutes, all of it garbage.
 *
 * @returns what is to be called for each connection.
 */
export function createConnectionCollector(): () => void {
  const collectGarbage = obtainCollector();
  let connections = 0;
  return () => {
    connections += 1;
    if (connections % connectionsBetween === 0) setImmediate(collectGarbage);
  };
}

/** @returns what does a full collection of this process. A context has it when it is made while the flag is set. */
export function obtainCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collectGarbage;
}
