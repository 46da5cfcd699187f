// Request and response classes that make it unnecessary for Express to change the prototypes of both objects for each request.
import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** Options for `http.createServer` or `https.createServer`, in addition to the application. */
export type BornPrototypes = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>;

/**
 * Express 5 sets the application's prototypes on each request and response, and V8 then treats both objects as slow dictionaries. Only a third to a
 * fifth of the throughput remains on Node 20. Objects created with these prototypes need no change. Only public options of Node and Express are used;
 * without them the application works the same, but slower.
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
 * Gives `prototype` the prototype chain of the application's prototype, which also ends in Node's class, and copies its additions. Both are taken
 * from the application, since a program may have its own copy of Express.
 */
function adopt(prototype: object, applicationPrototype: object): void {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(applicationPrototype));
  const { constructor: _node, ...own } = Object.getOwnPropertyDescriptors(applicationPrototype);
  Object.defineProperties(prototype, own);
}
