// REST API as an Express application that validates and authorizes each operation of the description, and serves the console's files.
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type Request, type RequestHandler, type Response, type Router } from 'express';
import helmet from 'helmet';
import { describeSchemaErrors } from '../../schemas/validators.ts';
import { assertMayAdminister } from '../administrators.ts';
import { IdentityError } from '../identities/identity-error.ts';
import { analysisHandlers } from './analysis-handlers.ts';
import { type ApiOperation, readApiDescription } from './api-description.ts';
import { ApiError, toApiError, toErrorBody } from './api-error.ts';
import type { Caller } from './api-keys.ts';
import { detailsHandlers } from './details-handlers.ts';
import { streamEvents } from './event-stream.ts';
import { groupHandlers } from './group-handlers.ts';
import { AnswerWithStatus, type ApiContext, type ApiRequest, type Handler } from './handler.ts';
import { iamHandlers } from './iam-handlers.ts';
import { findKeyOwner, keyHandlers } from './key-handlers.ts';
import { platformHandlers } from './platform-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { settingsHandlers } from './settings-handlers.ts';
import { userHandlers } from './user-handlers.ts';
import { VersionedAnswer } from './versioned-answer.ts';

/** Map from operation to handler. */
const handlers: ReadonlyMap<string, Handler> = new Map(
  [
    ...[keyHandlers, iamHandlers, userHandlers, groupHandlers],
    ...[detailsHandlers, platformHandlers, settingsHandlers, runHandlers, analysisHandlers],
  ].flatMap((some) => Object.entries(some)),
);

/** The console loads its script and style sheet from this server, and sends requests only to it. */
const contentPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ['data:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

export interface ApiOptions extends ApiContext {
  /** Directory of the console's bundle. */
  readonly consoleDirectory: string;
  /** Called with internal errors; the client receives no details. */
  readonly onBug: (error: unknown) => void;
}

/** Opens no port. */
export function createApi({ onBug, consoleDirectory, ...context }: ApiOptions): Express {
  const app = express();
  app.disable('etag');
  app.set('query parser', 'simple');
  // Clients remove dot segments from a path, and a request to delete the permission `..` must not delete its user.
  app.enable('strict routing');
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: contentPolicy } }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(serveConsole(consoleDirectory));
  const { operations } = readApiDescription();
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const some = operations.filter((operation) => operation.path === path);
    const route = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const operation of some) {
      if (operation.isStream) {
        route[operation.method]((request, response) => {
          findCaller(request, context);
          streamEvents(response, context.runner, () => mayCall(request, context));
        });
        continue;
      }
      const handler = handlers.get(operation.id);
      if (!handler) throw new Error(`no handler for the operation ${operation.id}`);
      const authenticate: RequestHandler = (request, _response, next) => {
        if (operation.needsKey) findCaller(request, context);
        next();
      };
      const parse = operation.needsKey ? readBody : readLoginBody;
      route[operation.method](
        authenticate,
        ...(operation.validateBody === null ? [] : [parse]),
        async (request, response) => {
          // Permissions are verified again because they may have changed while the body was received.
          const caller = operation.needsKey ? findCaller(request, context) : null;
          const answer = await handler(readRequest(operation, request), context, caller);
          if (answer instanceof AnswerWithStatus) response.status(answer.status).json(answer.body);
          else if (operation.successStatus === 204) response.status(204).end();
          else sendVersioned(response.status(operation.successStatus), answer);
        },
      );
    }
    const allowed = some.map(({ method }) => method.toUpperCase()).join(', ');
    route.all((_request, response) => {
      response.set('Allow', allowed);
      throw new ApiError(405, `Allowed methods: ${allowed}.`);
    });
  }
  app.use(() => {
    throw new ApiError(404, 'Unknown path. schemas/simulator-api.yaml describes all paths.');
  });
  // Express recognizes error handlers by their four parameters.
  app.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = toApiError(error);
    if (refusal === null) onBug(error);
    const status = refusal?.status ?? 500;
    if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="simulator"');
    const message = refusal?.message ?? 'Internal error: a bug in the simulator.';
    response.status(status);
    if (refusal?.current == null) return response.json(toErrorBody(status, message));
    response.set('ETag', refusal.current.version);
    response.json({ ...toErrorBody(status, message), current: refusal.current.body });
  });
  return app;
}

function sendVersioned(response: Response, answer: unknown): void {
  if (answer instanceof VersionedAnswer) response.set('ETag', answer.version).json(answer.body);
  else response.json(answer);
}

/** Returns the caller. @throws {ApiError} 401 without a valid key or token, 403 without the permission. */
function findCaller(request: Request, context: ApiContext): Caller {
  const { simulator, tokens } = context;
  const given = request.get('authorization')?.trim() ?? '';
  if (given === '')
    throw new ApiError(401, 'The Authorization header is missing. Send an API key, or Bearer and a token.');
  const [, token] = /^Bearer +(\S+)$/i.exec(given) ?? [];
  const caller = token === undefined ? fromKey(simulator, given) : tokens.find(token);
  if (caller === null) throw new ApiError(401, 'The token is invalid or has expired. Authenticate again.');
  try {
    assertMayAdminister(simulator.identities, caller.user);
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    // The user may have been deleted in the meantime (401), or disabled, or have lost the permission (403).
    throw new ApiError(error.kind === 'unknown' ? 401 : 403, error.message);
  }
  return caller;
}

/** Returns whether the key or token of a request is still valid, and its user may still change identities. */
function mayCall(request: Request, context: ApiContext): boolean {
  try {
    findCaller(request, context);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function fromKey(simulator: ApiContext['simulator'], key: string): Caller {
  const { user } = findKeyOwner(simulator, key);
  return { user, actor: user.userid };
}

/**
 * Decodes `.` and `..`: clients remove these segments from a path, even when encoded. They are written with a leading tilde, which is removed here:
 * `~..` is the name `..`, and `~~..` the name `~..`.
 */
function withDots(segment: string): string {
  return /^~+\.{1,2}$/.test(segment) ? segment.slice(1) : segment;
}

/** @throws {ApiError} 400. */
function readRequest(operation: ApiOperation, request: Request): ApiRequest {
  const path = Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [name, withDots(String(value))]),
  );
  const query: unknown = { ...request.query };
  const body: unknown = request.body;
  const check = (what: string, validate: ApiOperation['validatePath'], value: unknown) => {
    if (validate(value)) return;
    throw new ApiError(400, `${what}: ${describeSchemaErrors(validate.errors)}.`);
  };
  check('The path', operation.validatePath, path);
  check('The query', operation.validateQuery, query);
  if (operation.validateBody !== null) {
    if (body === undefined)
      throw new ApiError(400, 'The request has no JSON body, or its Content-Type is not application/json.');
    check('The body', operation.validateBody, body);
  }
  return { path, query, body, ifMatch: request.get('if-match') ?? null };
}

/** Maximum nesting of a JSON body, limited because code that traverses a value is recursive. Settings, the deepest bodies, have six levels. */
const maxDepth = 64;

/** Limits the nesting; brackets within strings are not counted. @throws {ApiError} 400 for a body that is nested too deeply. */
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
const readBody = express.json({ limit: '1mb', verify: assertShallow });

/** For the operations that authenticate: an API key and a user name. */
const readLoginBody = express.json({ limit: '8kb', verify: assertShallow });

/** Directory into which the build writes the bundle. */
export const builtConsole = fileURLToPath(new URL('../console', import.meta.url));

/** Serves the page at `/`, and passes unknown paths on. @throws {ApiError} 503 for `/` if the console was not built. */
function serveConsole(directory: string): Router {
  const router = express.Router();
  router.get('/', (_request, _response, next) => {
    if (!existsSync(join(directory, 'console.js')))
      throw new ApiError(503, 'The console is not built. Run `npm run build`.');
    next();
  });
  for (const name of ['index.html', 'console.js', 'console.css']) {
    const paths = name === 'index.html' ? ['/'] : [`/${name}`];
    router.get(paths, (_request, response) => {
      // The files are always revalidated, because an old script could fail in odd ways with an updated server.
      response.sendFile(join(directory, name), { cacheControl: false, headers: { 'cache-control': 'no-cache' } });
    });
  }
  return router;
}
