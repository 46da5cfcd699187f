// Colors of output: used only on a terminal that supports them.
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Returns the colors for a stream: picocolors alone would also color a pipe if `CI` or `FORCE_COLOR` is set. */
export function colorsFor(stream: NodeJS.WriteStream): Colors {
  return pc.createColors(isColored(stream));
}

/** @param stream stdout or stderr; `isTTY` is undefined for a pipe or a file. */
export function isColored(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && pc.isColorSupported;
}
