// Request and response classes that spare Express from changing the prototypes of both objects for each request.
import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** What to give to `http.createServer` or `https.createServer` beside the application. */
export type BornPrototypes = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>;

/**
 * Express 5 gives each request and response the application's prototypes, and V8 then treats both objects as slow
 * dictionaries: a third to a fifth of the throughput is left on Node 20. Objects that are born with these prototypes need
 * no change. Only public options of Node and Express are used; without them the application works the same, slower.
 *
 *     http.createServer({ ...bornPrototypes(app) }, app)
 */
export function bornPrototypes(app: Express): BornPrototypes {
  class BornRequest extends IncomingMessage {}
  class BornResponse extends ServerResponse {}
  adopt(BornRequest.prototype, app.request);
  adopt(BornResponse.prototype, app.response);
  app.request = BornRequest.prototype as unknown as typeof app.request;
  app.response = BornResponse.prototype as unknown as typeof app.response;
  return { IncomingMessage: BornRequest, ServerResponse: BornResponse } as unknown as BornPrototypes;
}

/**
 * Puts under `prototype` what is under the application's, whose chain ends in Node's class too, and on top what the
 * application added. Taken from the application, since a program may have a copy of Express that is not ours.
 */
function adopt(prototype: object, applicationPrototype: object): void {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(applicationPrototype));
  const { constructor: _node, ...own } = Object.getOwnPropertyDescriptors(applicationPrototype);
  Object.defineProperties(prototype, own);
}
