// Peer: Express 5 with pino-http, helmet, passport-http and res.json.
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import helmet from 'helmet';
import passport from 'passport';
import { BasicStrategy } from 'passport-http';
import { destination } from 'pino';
import { pinoHttp } from 'pino-http';
import { loadUsers } from './in-memory-users.ts';
import { announce, path, readSetup, readTls } from './peer-setup.ts';

const setup = readSetup();
const users = loadUsers(setup.dataset);

passport.use(
  new BasicStrategy((username, password, done) =>
    done(null, username === setup.username && password === setup.password ? { username } : false),
  ),
);
const app = express();
app.use(pinoHttp({}, destination({ dest: setup.logFile, sync: false })));
app.use(helmet());
app.get(path, passport.authenticate('basic', { session: false }), (request, response) => {
  const user = users.get(String(request.query.userid));
  if (user) response.json(user);
  else response.status(404).json({ error: 'unknown user' });
});

const http = createServer(app).listen(0, '127.0.0.1', () => {
  const https = createHttpsServer(readTls(setup), app).listen(0, '127.0.0.1', () => {
    announce({ http: (http.address() as AddressInfo).port, https: (https.address() as AddressInfo).port });
  });
});
