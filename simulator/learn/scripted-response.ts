// Responses of the learning endpoint to a test user, as data.
import type { ServerResponse } from 'node:http';

/** One response. Without `status` it is a 200 with valid user info. */
export interface ScriptedResponse {
  readonly status?: number;
  readonly groups?: readonly string[];
  readonly authorizations?: Readonly<Record<string, readonly string[]>>;
  /** Where a key is added that the contract does not have. */
  readonly extraKey?: 'top' | 'group';
  /** Default: application/json. */
  readonly contentType?: string;
  /** Size of the whole body in bytes; spaces behind the JSON fill it. */
  readonly paddedTo?: number;
  /** Sent as it is, instead of user info. */
  readonly body?: string;
  /** Redirects to the same path of the same server, where `Script.hop` responds. */
  readonly redirects?: boolean;
  readonly delayMs?: number;
  /** Closes the connection without a response. */
  readonly closes?: boolean;
  /** Resets the connection without a response. */
  readonly resets?: boolean;
}

/** The responses to one test user during one step. */
export interface Script {
  readonly respond: ScriptedResponse;
  /** Number of requests before `thenRespond`. Default: 1. */
  readonly respondTimes?: number;
  /** To later requests. Default: `respond`. */
  readonly thenRespond?: ScriptedResponse;
  /** To the target of the redirect. */
  readonly hop?: ScriptedResponse;
}

/** Query parameter of a redirect's target. */
export const hopParameter = 'learn-hop';

function bodyOf(response: ScriptedResponse): string {
  const { status = 200, body, groups = [], authorizations = {}, extraKey, paddedTo = 0 } = response;
  if (body !== undefined) return body;
  if (status !== 200) return JSON.stringify({ status });
  const extra = { schemaVersion: 1 };
  const text = JSON.stringify({
    groups: groups.map((name) => ({ name, ...(extraKey === 'group' && extra) })),
    authorizations,
    ...(extraKey === 'top' && extra),
  });
  return text.padEnd(paddedTo);
}

/** Sends a response, with its delay. @param target of a redirect. */
export function sendScripted(scripted: ScriptedResponse, response: ServerResponse, target: string): void {
  const { status = 200, contentType = 'application/json', redirects = false, delayMs = 0, closes = false } = scripted;
  if (closes) {
    response.destroy();
    return;
  }
  const send = () => {
    if (response.destroyed) return;
    response.writeHead(redirects ? 307 : status, {
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      ...(redirects && { Location: target }),
    });
    response.end(bodyOf(scripted));
  };
  if (delayMs === 0) {
    send();
    return;
  }
  const timer = setTimeout(send, delayMs);
  response.once('close', () => clearTimeout(timer));
}
