// passport-http's Basic strategy with a strict header parser (RFC 7617) instead of its own.
import type { IncomingMessage } from 'node:http';
import { BasicStrategy } from 'passport-http';
import type { ErrorCode } from '../../schemas/error-codes.ts';
import { parseBasicCredentials, type VerifyCredentials } from './basic-credentials.ts';

/**
 * passport-http 0.3.0 cuts a password at its second colon, accepts `XBasic`, replaces invalid UTF-8, refuses empty passwords before any verification,
 * and responds with 400 without a challenge. Only its integration with passport is used here.
 *
 * A failure is reported with an error code instead of the challenge, which is written together with the 401.
 */
export class StrictBasicStrategy extends BasicStrategy {
  // Passport adds these methods to the strategy for each request.
  declare fail: (code: ErrorCode, status: number) => void;
  declare success: (username: string) => void;
  declare error: (error: unknown) => void;
  readonly #verify: VerifyCredentials;

  constructor(verify: VerifyCredentials) {
    // The base class requires a verify function; authenticate() below never calls it.
    super((_username, _password, done) => done(null, false));
    this.#verify = verify;
  }

  override authenticate(request: IncomingMessage): void {
    const header = request.headers.authorization;
    const credentials = header === undefined ? null : parseBasicCredentials(header);
    if (credentials === null) {
      this.fail(header === undefined ? 'credentials-missing' : 'credentials-malformed', 401);
      return;
    }
    this.#verify(credentials).then(
      (username) => {
        if (username === null) this.fail('credentials-wrong', 401);
        else this.success(username);
      },
      (error: unknown) => this.error(error),
    );
  }
}
