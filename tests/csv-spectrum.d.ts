// Owns the types of csv-spectrum, CSV files and what is in them, which has none of its own.
declare module 'csv-spectrum' {
  interface Sample {
    readonly name: string;
    readonly csv: Buffer;
    /** A list of records, by the names of the columns. */
    readonly json: Buffer;
  }
  export default function readSamples(done: (error: Error | null, samples: Sample[]) => void): void;
}
