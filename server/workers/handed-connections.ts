// Owns the connections on their way from the primary to a worker: Node forgets them, open and unanswered, when the worker dies.
import type { ChildProcess } from 'node:child_process';

/** A connection as node:cluster sends it, which closes it here when the worker has it. */
interface Handed {
  /** Negative once it is closed: -1 while it is closing, then a libuv error number. */
  readonly fd: number;
  close(): void;
}

export interface HandedConnections {
  /** Closes those that never arrived, so that their clients see it and try again. */
  cut(): void;
}

/** Looked through when there are this many more: few, since what is held for long is collected late, and the process grows until then. */
const pruneEvery = 16;

/**
 * Follows what is sent to a worker, beside what node:cluster does.
 *
 * @param onHanded called for each connection.
 */
export function followHandedConnections(child: ChildProcess, onHanded: () => void): HandedConnections {
  let handed: Handed[] = [];
  let pruneAt = pruneEvery;
  child.send = new Proxy(child.send, {
    apply(send, self, given: unknown[]): boolean {
      const handle = given[1];
      if (isHanded(handle)) {
        onHanded();
        handed.push(handle);
        if (handed.length >= pruneAt) {
          handed = handed.filter(isOpen);
          pruneAt = 2 * handed.length + pruneEvery;
        }
      }
      return Reflect.apply(send, self, given);
    },
  });
  return {
    cut() {
      for (const handle of handed) if (isOpen(handle)) handle.close();
      handed = [];
    },
  };
}

function isOpen({ fd }: Handed): boolean {
  return fd >= 0;
}

/** The listening socket of all is never sent to a worker. */
function isHanded(handle: unknown): handle is Handed {
  return typeof handle === 'object' && handle !== null && 'close' in handle && 'fd' in handle;
}
