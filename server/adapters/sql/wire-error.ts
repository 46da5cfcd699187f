// The error of a database connection that carries bytes which its protocol does not allow.
import { SourceError } from '../user-source.ts';

/**
 * The database, or something between, sent what its protocol does not allow.
 *
 * @param detail what is wrong, without any byte of the message: it may hold a user's data.
 */
export class WireError extends SourceError {
  constructor(detail: string) {
    super(
      'bad-answer',
      `The database sent a malformed message (${detail}). The connection was closed. If this repeats, check what is between this server and the database.`,
    );
  }
}
