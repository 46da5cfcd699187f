// Owns the connections on their way from the primary to a worker: Node forgets them, open and unanswered, when the worker dies.
import type { ChildProcess } from 'node:child_process';

/** A connection as node:cluster sends it; its `fd` is -1 once it is closed here, which it is when the worker has it. */
interface Handed {
  readonly fd: number;
  close(): void;
}

export interface HandedConnections {
  /** Closes those that never arrived, so that their clients see it and try again. */
  cut(): void;
}

/** Looked through when there are this many more. */
const pruneEvery = 256;

/** Follows what is sent to a worker, beside what node:cluster does. */
export function followHandedConnections(child: ChildProcess): HandedConnections {
  let handed: Handed[] = [];
  let pruneAt = pruneEvery;
  child.send = new Proxy(child.send, {
    apply(send, self, given: unknown[]): boolean {
      const handle = given[1];
      if (isHanded(handle)) {
        handed.push(handle);
        if (handed.length >= pruneAt) {
          handed = handed.filter(({ fd }) => fd !== -1);
          pruneAt = handed.length + pruneEvery;
        }
      }
      return Reflect.apply(send, self, given);
    },
  });
  return {
    cut() {
      for (const handle of handed) if (handle.fd !== -1) handle.close();
      handed = [];
    },
  };
}

/** The listening socket of all is never sent to a worker. */
function isHanded(handle: unknown): handle is Handed {
  return typeof handle === 'object' && handle !== null && 'close' in handle && 'fd' in handle;
}
