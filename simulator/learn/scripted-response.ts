// Responses of the learning endpoint to a test user, as data.
import type { ServerResponse } from 'node:http';
import type { ScriptedResponse } from '../../schemas/generated/learn-experiments.ts';

export type { ScriptedResponse };

/** The responses to one test user during one step. */
export interface Script {
  readonly respond: ScriptedResponse;
  /** Number of requests that receive `respond`. Default: 1. */
  readonly respondTimes?: number;
  /** Response to later requests. Default: `respond`. */
  readonly thenRespond?: ScriptedResponse;
  /** Response at the target of the redirect. */
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

/** Sends a response after its delay. @param target target of a redirect. */
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
