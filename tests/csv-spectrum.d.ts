// Types of csv-spectrum, CSV files with their contents; the package has none.
declare module 'csv-spectrum' {
  interface Sample {
    readonly name: string;
    readonly csv: Buffer;
    /** A list of records, by the names of the columns. */
    readonly json: Buffer;
  }
  export default function readSamples(done: (error: Error | null, samples: Sample[]) => void): void;
}
