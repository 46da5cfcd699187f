// ConfigError: all errors of a configuration at once, each with its position.

/** Where an option was written. */
export interface ConfigPlace {
  /** The configuration's file, or the name of the environment variable that set the option. */
  readonly file: string;
  /** 1 is the first line; 0: the place has no lines (an environment variable, or a file that can't be read). */
  readonly line: number;
  /** 1 is the first column; 0 as for `line`. */
  readonly column: number;
}

/** One thing that is wrong, or, as a warning, unwise. */
export interface ConfigFault extends ConfigPlace {
  /** The option, e.g. `listener.port`; empty for the configuration as a whole. */
  readonly path: string;
  /** Cause and remedy. It never shows a value, since that could be a secret. */
  readonly message: string;
}

/** The configuration is refused. The message has one line for each fault: `file:line:column listener.port: must be …`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** In the order of their places; at least one. */
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const ordered = orderFaults(faults);
    super(ordered.map(describeFault).join('\n'));
    this.faults = ordered;
  }
}

/** `file:line:column listener.port: must be …`, or `VARIABLE listener.port: …`. */
export function describeFault({ file, line, column, path, message }: ConfigFault): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}

/** By place, and each fault once. */
export function orderFaults(faults: readonly ConfigFault[]): ConfigFault[] {
  const unique = new Map(faults.map((fault) => [describeFault(fault), fault]));
  return [...unique.values()].sort(
    (a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.path, b.path),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
