// Responses of the learning endpoint to a test user, as data.
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
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

/** Returns the body that is sent, provided that it is sent completely. */
export function bodyOf(response: ScriptedResponse): Buffer {
  const text = Buffer.from(textOf(response));
  return response.contentEncoding === 'gzip' ? gzipSync(text) : text;
}

function textOf(response: ScriptedResponse): string {
  const { status = 200, body, groups = [], authorizations = {}, extraKey, moreGroups = 0, paddedTo = 0 } = response;
  if (body !== undefined) return body;
  if (status !== 200) return JSON.stringify({ status });
  const extra = { schemaVersion: 1 };
  const more = Array.from({ length: moreGroups }, (_, at) => `learn-more-${at + 1}`);
  const text = JSON.stringify({
    groups: [...groups, ...more].map((name) => ({ name, ...(extraKey === 'group' && extra) })),
    authorizations,
    ...(extraKey === 'top' && extra),
  });
  return text.padEnd(paddedTo);
}

/** Sends a response after its delay. @param target target of a redirect. */
export function sendScripted(scripted: ScriptedResponse, response: ServerResponse, target: string): void {
  const { status = 200, contentType = 'application/json', redirects = false, delayMs = 0, closes = false } = scripted;
  const { contentEncoding, retryAfterSeconds, cutsBody = false } = scripted;
  if (closes) {
    response.destroy();
    return;
  }
  const send = () => {
    if (response.destroyed) return;
    const body = bodyOf(scripted);
    response.writeHead(redirects ? 307 : status, {
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      ...(contentEncoding !== undefined && { 'Content-Encoding': contentEncoding }),
      ...(retryAfterSeconds !== undefined && { 'Retry-After': retryAfterSeconds }),
      ...(redirects && { Location: target }),
      ...(cutsBody && { 'Content-Length': body.length }),
    });
    if (cutsBody) response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    else response.end(body);
  };
  if (delayMs === 0) {
    send();
    return;
  }
  const timer = setTimeout(send, delayMs);
  response.once('close', () => clearTimeout(timer));
}
