// Result of loading a CSV file, common to both readers.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { LoadOutcome, RefusedFile } from '../kept-file.ts';
import type { CsvFault } from './csv-faults.ts';

/** Users in memory. */
export interface CsvUsers {
  /** Number of users in the data that is in use, without disabled ones. */
  readonly size: number;
  /** Returns the user; `null`: unknown or disabled. Each result belongs to its caller. */
  find(userid: string): UserInfo | null;
  isDisabled(userid: string): boolean;
}

/** Result of reading a file with an engine. `digest` covers the file's bytes. */
export type CsvLoadOutcome<Loaded> =
  | Exclude<LoadOutcome<Loaded>, RefusedFile>
  | {
      readonly kind: 'refused';
      readonly digest: string;
      readonly faults: readonly CsvFault[];
      readonly isCut: boolean;
    };
