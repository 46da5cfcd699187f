// Owns the line that shows on a terminal how far a long run is. Elsewhere, and in a short run, nothing is shown.
import { makeVisible } from '../conformance/report/visible-text.ts';
import type { Progress } from '../conformance/run-conformance.ts';

/** A run that is over sooner needs no line. */
const patienceMs = 1000;

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** Takes the line away, so that what is printed next begins on an empty one. */
  readonly clear: () => void;
}

/** @param stream stderr, so that a report on stdout can be piped. */
export function createProgressLine(stream: NodeJS.WriteStream): ProgressLine {
  const startedAt = performance.now();
  let isShown = false;
  const clear = () => {
    if (isShown) stream.write('\r\u001b[K');
    isShown = false;
  };
  return {
    clear,
    show({ done, total, title }) {
      if (!stream.isTTY || performance.now() - startedAt < patienceMs) return;
      clear();
      isShown = true;
      // A line that wraps could not be taken away again. A terminal that was told no size has 0 columns.
      stream.write(makeVisible(`${done} of ${total}: ${title}`).slice(0, (stream.columns || 80) - 1));
    },
  };
}
