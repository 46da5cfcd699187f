// ConfigError: all errors of a configuration at once, each with its position.

/** Position of an option in the configuration. */
export interface ConfigPlace {
  /** The configuration file, or the name of the environment variable that set the option. */
  readonly file: string;
  /** Counted from 1; 0: there are no lines (an environment variable, or an unreadable file). */
  readonly line: number;
  /** Counted from 1; 0 in the same cases as `line`. */
  readonly column: number;
}

/** An error, or a warning. */
export interface ConfigFault extends ConfigPlace {
  /** The option, e.g. `listener.port`; empty for the configuration as a whole. */
  readonly path: string;
  /** Cause and fix. It never contains a value, since that could be a secret. */
  readonly message: string;
}

/** The error of an invalid configuration. The message has one line for each error: `file:line:column listener.port: must be …`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Sorted by position; at least one. */
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const ordered = orderFaults(faults);
    super(ordered.map(describeFault).join('\n'));
    this.faults = ordered;
  }
}

/** Returns `file:line:column listener.port: must be …`, or `VARIABLE listener.port: …`. */
export function describeFault({ file, line, column, path, message }: ConfigFault): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}

/** Returns the errors sorted by position, without duplicates. */
export function orderFaults(faults: readonly ConfigFault[]): ConfigFault[] {
  const unique = new Map(faults.map((fault) => [describeFault(fault), fault]));
  return [...unique.values()].sort(
    (a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.path, b.path),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
