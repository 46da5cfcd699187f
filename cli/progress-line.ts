// Progress of long runs: a line on a terminal, otherwise log lines, because a silent run in CI looks as if it hangs.

import type { Progress } from '../conformance/run-conformance.ts';
import { makeVisible } from '../schemas/printable-text.ts';

/** Shorter runs need no progress line. */
const patienceMs = 1000;

const barCells = 20;

/** `total` null: the total is unknown. */
export type ShownProgress = Omit<Progress, 'total'> & { readonly total: number | null };

export interface ProgressLine {
  readonly show: (progress: ShownProgress) => void;
  /** Removes the line, so that subsequent output starts on an empty line. */
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
    show(progress) {
      if (!stream.isTTY || performance.now() - startedAt < patienceMs) return;
      clear();
      isShown = true;
      // A wrapped line could not be removed. A terminal without a known size has 0 columns.
      stream.write(wordProgress(progress, (stream.columns || 80) - 1));
    },
  };
}

/** Returns "[#####...............] 2501 of 10000: asked", with the bar if it fits. */
function wordProgress({ done, total, title }: ShownProgress, width: number): string {
  if (total === null) return makeVisible(title).slice(0, width);
  const words = makeVisible(`${done} of ${total}: ${title}`);
  const cells = total === 0 ? 0 : Math.min(barCells, Math.floor((done / total) * barCells));
  const bar = `[${'#'.repeat(cells).padEnd(barCells, '.')}] `;
  return bar.length + words.length > width ? words.slice(0, width) : `${bar}${words}`;
}

/** Shorter runs need no log lines. */
const intervalMs = 5000;

function wordLogLine({ done, total, title }: ShownProgress, startedAt: number): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return makeVisible(`${done}${total === null ? '' : ` of ${total}`} after ${seconds} s: ${title}`);
}

/** Writes the progress to `stream`, one line every five seconds, until `clear` is called. */
export function createProgressLog(stream: NodeJS.WritableStream): ProgressLine {
  const startedAt = performance.now();
  let latest: ShownProgress | null = null;
  // The interval is based on time rather than checks, because one slow check can take minutes.
  const timer = setInterval(() => {
    if (latest !== null) stream.write(`${wordLogLine(latest, startedAt)}\n`);
  }, intervalMs);
  timer.unref();
  return {
    show(progress) {
      latest = progress;
    },
    clear: () => clearInterval(timer),
  };
}
