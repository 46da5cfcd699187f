// Body parsers of the REST API, which run after authentication.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { ApiError } from './api-error.ts';

/** Maximum nesting of a JSON body. Settings, the most nested bodies, have six levels; code that walks through a value is recursive. */
const maxDepth = 64;

/** @throws {ApiError} 400 for a body that is nested more deeply. Brackets within strings are not counted. */
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

/** For authenticated callers. */
export const readBody = express.json({ limit: '1mb', verify: assertShallow });

/** For the operations that authenticate: an API key and a user name. */
export const readLoginBody = express.json({ limit: '8kb', verify: assertShallow });
