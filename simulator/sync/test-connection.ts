// Owns "Test connection" of an IAM's settings: whether the endpoint is reached, is who it should be, and takes the credentials.
import { loadIamSettings, readClientCredentials } from './iam-settings.ts';
import type { Answer } from './judge-answer.ts';
import { createPlatformClient } from './platform-client.ts';

/** Whom it asks for: what the platform asks for is documented nowhere. Known to the endpoint or not, both are fine. */
export const probeUserid = 'connection-test';

export interface ConnectionTest {
  readonly isOk: boolean;
  readonly outcome: Answer['kind'];
  /** Null: no answer came. */
  readonly status: number | null;
  /** For the person who asked; nothing of a user's. */
  readonly message: string;
  readonly elapsedMs: number;
}

/**
 * Asks once, and keeps nothing.
 *
 * @param stored settings as they are kept. @throws {SyncError} `settings`, with every fault.
 */
export async function testConnection(stored: unknown, signal: AbortSignal): Promise<ConnectionTest> {
  const loaded = loadIamSettings(stored);
  const settings = { ...loaded, guesses: { ...loaded.guesses, retries: 0 } };
  const client = createPlatformClient(settings, readClientCredentials(settings.externalUserInfo));
  const startedMs = performance.now();
  try {
    const answer = await client.ask(probeUserid, signal);
    const elapsedMs = Math.round(performance.now() - startedMs);
    const isOk = answer.kind === 'user' || answer.kind === 'not-found';
    return { isOk, outcome: answer.kind, status: answer.status, message: wordAnswer(answer), elapsedMs };
  } finally {
    await client.close();
  }
}

function wordAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'user':
      return 'The endpoint is reached, takes the credentials, and answers as it should.';
    case 'not-found':
      return `The endpoint is reached and takes the credentials: it does not know the user ${probeUserid} (${answer.detail}).`;
    case 'credentials-refused':
      return `The endpoint is reached, and refuses the credentials (${answer.detail}): user name, password, client certificate.`;
    case 'tls':
      return `No TLS connection: ${answer.detail}. Is sslCaFile the CA of the server, and is the client certificate one that it takes?`;
    case 'connection':
    case 'timeout':
    case 'no-http':
      return `The endpoint is not reached: ${answer.detail}. Are host, port and firewall right?`;
    default:
      return `The endpoint is reached, and its answer gives no user: ${answer.detail}.`;
  }
}
