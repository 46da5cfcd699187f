// Tests of behavior that passport-http does not define: a failed verification must end the request and must never grant access.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { StrictBasicStrategy } from './strict-basic-strategy.ts';

describe('the strategy for Basic', () => {
  it('responds only with the error when the verification fails', async () => {
    const failure = new Error('the store of passwords is away');
    const server = createServer((request, response) => {
      const strategy = new StrictBasicStrategy(() => Promise.reject(failure));
      strategy.success = () => response.end('in');
      strategy.fail = () => response.end('out');
      strategy.error = (error) => response.end(error === failure ? 'failed' : 'another error');
      strategy.authenticate(request);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { body } = await ask(url, { headers: { authorization: basicHeader('ada', 'right') }, timeout: 5000 });
    server.close();
    expect(body).to.equal('failed');
  });
});
