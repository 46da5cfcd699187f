// Progress of a long run as log lines, for a stderr that is not a terminal: in CI, a silent run looks like a hanging one.
import { makeVisible } from '../schemas/printable-text.ts';
import type { ProgressLine, ShownProgress } from './progress-line.ts';

/** Shorter runs need no progress lines. */
const intervalMs = 5000;

function wordProgress({ done, total, title }: ShownProgress, startedAt: number): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return makeVisible(`${done}${total === null ? '' : ` of ${total}`} after ${seconds} s: ${title}`);
}

/** Writes the progress to `stream`, one line every five seconds, until `clear` is called. */
export function createProgressLog(stream: NodeJS.WritableStream): ProgressLine {
  const startedAt = performance.now();
  let latest: ShownProgress | null = null;
  // Based on time instead of checks: one slow check can take minutes.
  const timer = setInterval(() => {
    if (latest !== null) stream.write(`${wordProgress(latest, startedAt)}\n`);
  }, intervalMs);
  timer.unref();
  return {
    show(progress) {
      latest = progress;
    },
    clear: () => clearInterval(timer),
  };
}
