// Batches of PostgreSQL messages: the extended protocol up to one Sync, and the results.
import type pg from 'pg';
import { WireError } from './foreign-server.ts';

/**
 * The part of pg's connection that batches use. Its declarations are outdated: they require an additional argument, and strings instead of numbers.
 */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  bind(message: { statement: string; values: readonly string[] }): void;
  execute(message: { rows: number }): void;
  sync(): void;
}

export interface WireColumn {
  readonly name: string;
  readonly dataTypeID: number;
}

export interface PreparedText {
  readonly name: string;
  readonly text: string;
}

/** The response to a batch; see https://www.postgresql.org/docs/15/protocol-flow.html, "Pipelining". */
abstract class Batch<T> implements pg.Submittable {
  readonly done: Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A late failure after a timeout must not stop the process.
    this.done.catch(() => undefined);
  }

  protected abstract write(wire: Wire): void;
  protected abstract result(): T;

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire;
    // Everything is sent in one packet, if the network allows.
    wire.stream.cork();
    try {
      this.write(wire);
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
  }

  // Methods that pg calls on the running query, as on a pg-cursor query.
  handleRowDescription(_message: { fields: readonly WireColumn[] }): void {}
  handleDataRow(_message: { fields: ReadonlyArray<string | null> }): void {}
  handleCommandComplete(_message: { text: string }): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.result());
  }
}

/** Prepares statements on a connection; returns, in order, the columns of each statement that returns rows. */
export class PrepareBatch extends Batch<readonly (readonly WireColumn[])[]> {
  readonly #statements: readonly PreparedText[];
  readonly #columns: Array<readonly WireColumn[]> = [];

  constructor(statements: readonly PreparedText[]) {
    super();
    this.#statements = statements;
  }

  /** Returns the index of the failed statement among those that return rows. */
  get reached(): number {
    return this.#columns.length;
  }

  protected override write(wire: Wire): void {
    for (const { name, text } of this.#statements) {
      wire.parse({ name, text, types: [] });
      wire.describe({ type: 'S', name });
    }
  }

  override handleRowDescription({ fields }: { fields: readonly WireColumn[] }): void {
    this.#columns.push(fields);
  }

  protected override result(): readonly (readonly WireColumn[])[] {
    return this.#columns;
  }
}

/** The rows of one statement. `isCut`: there are more rows than requested. */
export interface WireRows {
  readonly rows: Array<ReadonlyArray<string | null>>;
  isCut: boolean;
}

export interface ExecutedText {
  readonly name: string;
  readonly values: readonly string[];
}

/** Runs prepared statements one after the other, in one round trip; a failure skips the following ones. */
export class ExecuteBatch extends Batch<readonly WireRows[]> {
  readonly #statements: readonly ExecutedText[];
  readonly #maxRows: number;
  readonly #results: WireRows[] = [];
  #current: WireRows = { rows: [], isCut: false };

  constructor(statements: readonly ExecutedText[], maxRows: number) {
    super();
    this.#statements = statements;
    this.#maxRows = maxRows;
  }

  /** Returns the index of the running or failed statement. */
  get reached(): number {
    return this.#results.length;
  }

  protected override write(wire: Wire): void {
    for (const { name, values } of this.#statements) {
      wire.bind({ statement: name, values });
      // One more row than allowed shows that there are too many.
      wire.execute({ rows: this.#maxRows + 1 });
    }
  }

  override handleDataRow({ fields }: { fields: ReadonlyArray<string | null> }): void {
    this.#current.rows.push(fields);
  }

  override handlePortalSuspended(): void {
    this.#next(true);
  }

  override handleRowDescription(): void {
    throw new WireError('columns that were not requested');
  }

  /** Compares the number of rows. @throws {WireError} if the database counted a different number: some were lost or repeated. */
  override handleCommandComplete({ text }: { text: string }): void {
    const [, count] = /^SELECT (\d+)$/.exec(text) ?? [];
    if (count !== undefined && Number(count) !== this.#current.rows.length) {
      throw new WireError('the number of rows differs from the count');
    }
    this.#next(false);
  }

  #next(isCut: boolean): void {
    this.#current.isCut = isCut;
    this.#results.push(this.#current);
    this.#current = { rows: [], isCut: false };
  }

  protected override result(): readonly WireRows[] {
    return this.#results;
  }
}
