// "Test connection" of an IAM: whether the endpoint is reachable and rejects an unknown user.
import type { ExternalUserInfo } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Answer } from './evaluate-response.ts';
import { loadIamSettings, readClientCredentials } from './iam-settings.ts';
import { createPlatformClient } from './platform-client.ts';

/** The requested user, who must be unknown to the endpoint. Which user the platform requests is undocumented. */
export const probeUserid = 'connection-test';

export interface ConnectionTest {
  readonly isOk: boolean;
  readonly outcome: Answer['kind'];
  /** Null: no response. */
  readonly status: number | null;
  /** Result and remedy, without user data. */
  readonly message: string;
  readonly elapsedMs: number;
}

/**
 * Requests the test user without retries, and stores nothing.
 *
 * @param stored the stored settings. @throws {SyncError} `settings`, with all errors. @throws the reason of the signal.
 */
export async function testConnection(stored: unknown, signal: AbortSignal): Promise<ConnectionTest> {
  const loaded = loadIamSettings(stored);
  const settings = { ...loaded, guesses: { ...loaded.guesses, retries: 0 } };
  const client = createPlatformClient(settings, readClientCredentials(settings.externalUserInfo));
  const startedMs = performance.now();
  try {
    const answer = await client.ask(probeUserid, signal);
    const elapsedMs = Math.round(performance.now() - startedMs);
    const message = describe(answer, settings.externalUserInfo);
    const isOk = answer.kind === 'not-found';
    return { isOk, outcome: answer.kind, status: answer.status, message, elapsedMs };
  } finally {
    await client.close();
  }
}

function describe(answer: Answer, { useAuth, sslRequestCert }: ExternalUserInfo): string {
  switch (answer.kind) {
    case 'user':
      return (
        `The endpoint returned user info for ${probeUserid}, a user who is not supposed to exist. ` +
        'The endpoint must respond with a status other than 200 for unknown users, e.g. 404.'
      );
    case 'not-found':
      return `The endpoint is reachable and responded with 404 for the unknown user ${probeUserid}. ${
        useAuth || sslRequestCert ? 'It accepted the credentials.' : 'No credentials were sent.'
      }`;
    case 'credentials-refused':
      return `The endpoint is reachable and rejected the request (${answer.detail}). Check the user name, the password and the client certificate.`;
    case 'tls':
      return `The TLS connection failed: ${answer.detail}. Check that sslCaFile contains the CA of the server, and that the server accepts the client certificate.`;
    case 'connection':
    case 'timeout':
    case 'no-http':
      return `The endpoint cannot be reached, or sent no complete HTTP response: ${answer.detail}. Check the host, the port and the firewall.`;
    default:
      return `The endpoint is reachable, but its response cannot be used: ${answer.detail}.`;
  }
}
