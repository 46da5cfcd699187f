// Tests that objects created with the application's prototypes behave as Express's own.
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import express, { type Express as ExpressApp, type NextFunction, type Request, type Response } from 'express';
import request from 'supertest';
import { bornPrototypes } from './born-prototypes.ts';

/** Creates an application whose routes report the documented members of Express's requests and responses. */
function createDocumentedApp(): ExpressApp {
  const app = express();
  app.set('trust proxy', true).set('subdomain offset', 1);
  app.locals.title = 'locals of the application';
  // https://expressjs.com/en/guide/overriding-express-api.html
  app.request.shout = function shout(this: Request) {
    return this.path.toUpperCase();
  };
  app.response.sendShout = function sendShout(this: Response, text: string) {
    return this.contentType('text/plain').send(text.toUpperCase());
  };

  app.get('/request/:id', (req, res) => {
    res.json({
      ip: req.ip,
      ips: req.ips,
      hostname: req.hostname,
      protocol: req.protocol,
      secure: req.secure,
      subdomains: req.subdomains,
      xhr: req.xhr,
      path: req.path,
      query: req.query,
      params: req.params,
      baseUrl: req.baseUrl,
      originalUrl: req.originalUrl,
      route: req.route.path,
      header: req.get('X-Custom'),
      accepts: req.accepts(['json', 'html']),
      languages: req.acceptsLanguages('de', 'en'),
      range: req.range(100),
      is: req.is('json'),
      fresh: req.fresh,
      stale: req.stale,
      ownApp: req.app === app && res.app === app,
      ownPair: req.res === res && res.req === req,
      shout: req.shout(),
      isRequest: req instanceof IncomingMessage,
      isResponse: res instanceof ServerResponse,
    });
  });
  app.get('/send', (_req, res) => void res.send('<p>hello</p>'));
  app.get('/buffer', (_req, res) => void res.type('png').send(Buffer.from([1, 2, 3])));
  app.get('/status', (_req, res) => void res.status(418).end());
  app.get('/send-status', (_req, res) => void res.sendStatus(404));
  app.get('/redirect', (_req, res) => res.redirect(301, '/send'));
  app.get('/cookie', (_req, res) => void res.cookie('name', 'value', { httpOnly: true }).clearCookie('old').end());
  app.get(
    '/headers',
    (_req, res) =>
      void res
        .set('X-One', '1')
        .append('X-One', '2')
        .vary('Accept')
        .links({ next: '/2' })
        .location('/here')
        .attachment('a.csv')
        .end(),
  );
  app.get(
    '/format',
    (_req, res) =>
      void res.format({
        text: () => res.send('text'),
        html: () => res.send('<b>html</b>'),
        default: () => res.status(406).end(),
      }),
  );
  app.get('/locals', (req, res) => {
    res.locals.own = 'of the response';
    res.json({ ...req.app.locals, ...res.locals, settings: undefined });
  });
  app.get('/shout', (_req, res) => void res.sendShout('hello'));
  app.get('/jsonp', (_req, res) => void res.jsonp({ a: 1 }));
  app.post('/body', express.json(), (req, res) => void res.json(req.body));
  app.get('/throws', () => {
    throw new Error('thrown');
  });
  app.get('/rejects', () => Promise.reject(new Error('rejected')));

  const router = express.Router({ mergeParams: true });
  router.get('/inner', (req, res) => void res.json({ baseUrl: req.baseUrl, url: req.url, params: req.params }));
  app.use('/router/:outer', router);

  const sub = express();
  sub.set('trust proxy', false);
  sub.get(
    '/inner',
    (req, res) => void res.json({ ip: req.ip, ips: req.ips, ownApp: req.app === sub, path: sub.path() }),
  );
  app.use('/sub', sub);
  app.get('/sub/behind', (req, res) => void res.json({ ip: req.ip, ownApp: req.app === app }));

  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ caught: error.message });
  });
  return app;
}

declare global {
  namespace Express {
    interface Request {
      shout(): string;
    }
    interface Response {
      sendShout(text: string): unknown;
    }
  }
}

type Ask = (server: Server) => request.Test;

const requests: ReadonlyArray<[name: string, ask: Ask]> = [
  [
    'every property and method of a request',
    (server) =>
      request(server).get('/request/7?a=1&b[]=2').set({
        Host: 'api.example.com',
        'X-Forwarded-For': '203.0.113.7, 10.0.0.1',
        'X-Forwarded-Proto': 'https',
        'X-Requested-With': 'XMLHttpRequest',
        'X-Custom': 'custom',
        Accept: 'application/json',
        'Accept-Language': 'en',
        Range: 'bytes=0-49',
      }),
  ],
  ['res.send', (server) => request(server).get('/send')],
  ['res.send, a 304 for the same ETag', (server) => request(server).get('/send').set('If-None-Match', '*')],
  ['a buffer with a type', (server) => request(server).get('/buffer')],
  ['res.status', (server) => request(server).get('/status')],
  ['res.sendStatus', (server) => request(server).get('/send-status')],
  ['res.redirect', (server) => request(server).get('/redirect')],
  ['cookies', (server) => request(server).get('/cookie')],
  ['set, append, vary, links, location and attachment', (server) => request(server).get('/headers')],
  ['res.format for HTML', (server) => request(server).get('/format').set('Accept', 'text/html')],
  ['res.format for an unsupported type', (server) => request(server).get('/format').set('Accept', 'image/png')],
  ['locals', (server) => request(server).get('/locals')],
  ['an extended response', (server) => request(server).get('/shout')],
  ['JSONP', (server) => request(server).get('/jsonp?callback=f')],
  ['a body parser', (server) => request(server).post('/body').send({ a: 1 })],
  ['an error that is thrown', (server) => request(server).get('/throws')],
  ['an error that is rejected', (server) => request(server).get('/rejects')],
  ['a router with merged parameters', (server) => request(server).get('/router/o/inner?x=1')],
  [
    'a mounted application with separate settings',
    (server) => request(server).get('/sub/inner').set('X-Forwarded-For', '203.0.113.7'),
  ],
  [
    'the outer application again, after a mounted one',
    (server) => request(server).get('/sub/behind').set('X-Forwarded-For', '203.0.113.7'),
  ],
  ['an unknown path', (server) => request(server).get('/nobody')],
  ['HEAD', (server) => request(server).head('/send')],
  ['OPTIONS', (server) => request(server).options('/send')],
];

/** Loads a second copy of Express, as in a program whose package manager did not deduplicate two copies. */
function loadCopyOfExpress(): typeof express {
  const require = createRequire(import.meta.url);
  const isOfExpress = (file: string) => /[\\/]node_modules[\\/]express[\\/]/.test(file);
  const kept = Object.entries(require.cache).filter(([file]) => isOfExpress(file));
  for (const [file] of kept) delete require.cache[file];
  const copy = require('express');
  Object.assign(require.cache, Object.fromEntries(kept));
  return copy;
}

describe('an Express application whose requests and responses have its prototypes from the start', () => {
  let usual: Server;
  let born: Server;

  before(() => {
    usual = createServer(createDocumentedApp()).listen(0);
    const app = createDocumentedApp();
    born = createServer({ ...bornPrototypes(app) }, app).listen(0);
  });

  after(() => {
    usual.close();
    born.close();
  });

  for (const [name, ask] of requests) {
    it(`behaves like Express for ${name}`, async () => {
      const expected = await ask(usual);
      const seen = await ask(born);
      const withoutDate = ({ date: _date, ...headers }: Record<string, string>) => headers;
      expect(seen.status).to.equal(expected.status);
      expect(withoutDate(seen.headers)).to.deep.equal(withoutDate(expected.headers));
      expect(seen.text).to.equal(expected.text);
    });
  }

  it('preserves the changes that a program makes to another copy of Express', async () => {
    const copy = loadCopyOfExpress();
    expect(copy.request).not.to.equal(express.request);
    Object.assign(copy.request, { shout: () => 'the copy’s' });
    const app = copy();
    app.get('/', (req, res) => void res.send(req.shout()));
    const server = createServer({ ...bornPrototypes(app) }, app).listen(0);
    expect((await request(server).get('/')).text).to.equal('the copy’s');
    server.close();
  });

  it('changes no prototype of a request or response', async () => {
    const app = express();
    const seen: boolean[] = [];
    const prototypes = bornPrototypes(app);
    app.use((req, res) => {
      seen.push(
        Object.getPrototypeOf(req) === prototypes.IncomingMessage?.prototype,
        Object.getPrototypeOf(res) === prototypes.ServerResponse?.prototype,
      );
      res.end();
    });
    const server = createServer({ ...prototypes }, app).listen(0);
    await request(server).get('/');
    server.close();
    expect(seen).to.deep.equal([true, true]);
  });
});
