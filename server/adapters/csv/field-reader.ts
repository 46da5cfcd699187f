// Fields of the scanner's last row: their content without quotes, and trimmed if configured.
import { type CsvScanner, fieldMark } from './csv-scanner.ts';

/** One field at a time of the scanner's last row: its content is `bytes[start, end)`. */
export class FieldReader {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  needsEscape = false;
  readonly #scanner: CsvScanner;
  readonly #quote: string;
  readonly #trims: boolean;

  constructor(scanner: CsvScanner, quote: number, trims: boolean) {
    this.#scanner = scanner;
    this.#quote = String.fromCharCode(quote);
    this.#trims = trims;
  }

  /** Opens the field at a position of the row, which is in `source`. */
  open(source: Buffer, place: number): void {
    const marks = this.#scanner.marks[place] as number;
    this.bytes = source;
    this.start = this.#scanner.starts[place] as number;
    this.end = this.#scanner.ends[place] as number;
    this.needsEscape = marks !== 0;
    if ((marks & fieldMark.doubledQuotes) !== 0)
      this.#use(Buffer.from(this.text().replaceAll(this.#quote + this.#quote, () => this.#quote)));
    if (this.#trims) this.#use(Buffer.from(this.text().trim()));
  }

  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  /** Returns all fields of the row. */
  texts(source: Buffer): string[] {
    return Array.from({ length: this.#scanner.fieldCount }, (_, place) => {
      this.open(source, place);
      return this.text();
    });
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = bytes.length;
  }
}
