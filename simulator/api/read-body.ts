// Body parsers of the REST API, which run after the caller was authenticated.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { ApiError } from './api-error.ts';

/** Levels of a JSON body. Settings, the deepest ones, have six; what walks through a value calls itself. */
const maxDepth = 64;

/** @throws {ApiError} 400 for a body that is nested deeper. Brackets within strings do not count. */
function assertShallow(_request: IncomingMessage, _response: ServerResponse, body: Buffer): void {
  const [quote, backslash] = [0x22, 0x5c];
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (byte === quote) isInString = !isInString;
    else if (isInString) index += byte === backslash ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > maxDepth) throw new ApiError(400, `The body is nested deeper than ${maxDepth} levels.`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
}

/** For a caller who has been authenticated. */
export const readBody = express.json({ limit: '1mb', verify: assertShallow });

/** For the operations that authenticate: an API key and a user name. */
export const readLoginBody = express.json({ limit: '8kb', verify: assertShallow });
