// Owns what the two engines have in common: what a load comes to.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { CsvFault } from './csv-faults.ts';

/** Users in memory. */
export interface CsvUsers {
  /** Users that can be found. */
  readonly size: number;
  /** `null`: unknown or disabled. Each answer is its caller's own. */
  find(userid: string): UserInfo | null;
}

/** What reading a file came to. `digest` is of the file's bytes. */
export type LoadOutcome<Loaded> =
  | { readonly kind: 'loaded'; readonly digest: string; readonly loaded: Loaded }
  /** The bytes are known already, by their digest. */
  | { readonly kind: 'unchanged'; readonly digest: string }
  /** The file was written to while it was read: what was read is worth nothing. */
  | { readonly kind: 'changing' }
  | { readonly kind: 'refused'; readonly digest: string; readonly faults: readonly CsvFault[]; readonly isCut: boolean }
  /** `code` is Node's, e.g. "ENOENT". */
  | { readonly kind: 'unreadable'; readonly code: string };
