// Tests of the loopback hosts.
import { expect } from 'chai';
import { isLoopbackHost } from './loopback.ts';

describe('a loopback host', () => {
  for (const host of [
    'localhost',
    'LocalHost',
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '0:0:0:0:0:0:0:1',
  ]) {
    it(`is ${host}`, () => expect(isLoopbackHost(host)).to.equal(true));
  }
  for (const host of [
    '',
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.1',
    '[127.0.0.1',
  ]) {
    it(`is not ${JSON.stringify(host)}`, () => expect(isLoopbackHost(host)).to.equal(false));
  }
});
