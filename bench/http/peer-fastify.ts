// Peer: Fastify 5 with helmet, basic-auth and its logger, combined as in its documentation.
import type { AddressInfo } from 'node:net';
import basicAuth from '@fastify/basic-auth';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';
import { loadUsers } from './in-memory-users.ts';
import { announce, path, readSetup, readTls } from './peer-setup.ts';

const setup = readSetup();
const users = loadUsers(setup.dataset);

async function listen(https: ReturnType<typeof readTls> | null): Promise<number> {
  const options = { logger: { level: 'info', file: setup.logFile } };
  const app = (https ? Fastify({ ...options, https }) : Fastify(options)) as unknown as FastifyInstance;
  await app.register(helmet);
  await app.register(basicAuth, {
    validate: async (username, password) => {
      if (username !== setup.username || password !== setup.password) throw new Error('wrong credentials');
    },
    authenticate: true,
  });
  app.after(() => {
    app.addHook('onRequest', app.basicAuth);
    app.get<{ Querystring: { userid: string } }>(path, async (request, reply) => {
      const user = users.get(request.query.userid);
      return user ?? reply.code(404).send({ error: 'unknown user' });
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

announce({ http: await listen(null), https: await listen(readTls(setup)) });
