// Types of the one papaparse call that the benchmark makes; the package has none.
declare module 'papaparse' {
  import type { Readable } from 'node:stream';

  interface StepResult<Row> {
    readonly data: Row;
  }
  interface Options<Row> {
    readonly header: boolean;
    readonly skipEmptyLines: boolean;
    step(result: StepResult<Row>): void;
    complete(): void;
    error(error: Error): void;
  }
  const Papa: { parse<Row>(input: Readable, options: Options<Row>): void };
  export default Papa;
}
