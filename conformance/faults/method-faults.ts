// Faults of HEAD and of other methods.
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { type Fault, reply, without } from './fault.ts';

const isHead = (_reply: Reply, { method }: EndpointRequest) => method === 'HEAD';
const isMethod =
  (name: string) =>
  (_reply: Reply, { method }: EndpointRequest) =>
    method === name;

/** Returns the fault of an endpoint that accepts additional methods. */
function takes(name: string, trips: readonly string[], isTaken: (method: string) => boolean): Fault {
  return {
    name,
    auth: 'none',
    trips,
    alter: (good) => ({ isMethodAllowed: (method) => isTaken(method) || good.isMethodAllowed(method) }),
  };
}

/** Faults of HEAD and of other methods. */
export const methodFaults: readonly Fault[] = [
  reply('head-with-other-status', ['head-like-get'], isHead, (good) => ({ ...good, status: 405 })),
  reply('head-without-content-type', ['head-like-get'], isHead, (good) => without(good, 'Content-Type')),
  reply('head-with-body', ['head-without-body'], isHead, (good) => ({ ...good, afterHead: String(good.body) })),
  reply('head-with-length-0', ['head-content-length'], isHead, (good) => ({
    ...good,
    headers: { ...good.headers, 'Content-Length': '0' },
  })),
  reply(
    'head-always-200',
    ['head-unknown-user-refused'],
    ({ status }, { method }) => method === 'HEAD' && status === 404,
    (good) => ({ ...good, status: 200 }),
  ),
  takes('options-like-get', ['options-without-user-info'], (method) => method === 'OPTIONS'),
  takes('propfind-like-get', ['unexpected-method-refused'], (method) => method === 'PROPFIND'),
  takes('trace-like-get', ['trace-refused'], (method) => method === 'TRACE'),
  takes('post-like-get', ['other-method-refused'], (method) => method === 'POST'),
  takes('put-like-get', ['writing-method-refused'], (method) => method === 'PUT'),
  takes('delete-like-get', ['writing-method-refused'], (method) => method === 'DELETE'),
  takes(
    'every-method-like-get',
    [
      ...['options-without-user-info', 'unexpected-method-refused', 'trace-refused'],
      ...['other-method-refused', 'writing-method-refused'],
    ],
    () => true,
  ),
  reply('propfind-500', ['unexpected-method-405'], isMethod('PROPFIND'), (good) => ({ ...good, status: 500 })),
  reply('trace-500', ['trace-405'], isMethod('TRACE'), (good) => ({ ...good, status: 500 })),
  reply('post-501', ['other-method-405'], isMethod('POST'), (good) => ({ ...good, status: 501 })),
  reply('put-500', ['writing-method-405'], isMethod('PUT'), (good) => ({ ...good, status: 500 })),
  reply(
    'no-allow',
    ['other-method-allow'],
    ({ status }) => status === 405,
    (good) => without(good, 'Allow'),
  ),
];
