// User info endpoint with Fastify and @fastify/basic-auth.
import { readFile } from 'node:fs/promises';
import basicAuth from '@fastify/basic-auth';
import Fastify from 'fastify';

const fastify = Fastify({ logger: true });
const users = new Map(Object.entries(JSON.parse(await readFile('users.json', 'utf8'))));

async function validate(username, password) {
  if (username !== 'immuta' || password !== 'open:sesame 42') throw new Error('Wrong user name or password');
}

await fastify.register(basicAuth, { validate, authenticate: true });

fastify.after(() => {
  fastify.get('/user-info', { onRequest: fastify.basicAuth }, async (request, reply) => {
    const user = users.get(request.query.userid);
    if (!user) return reply.callNotFound();
    return user;
  });
});

await fastify.listen({ port: Number(process.env.PORT ?? 8080), host: '127.0.0.1' });
