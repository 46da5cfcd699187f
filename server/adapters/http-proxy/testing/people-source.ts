// Small API that returns records of people, and a source that uses it, for tests that need a single request.
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import type { HttpProxySourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { SourceError, type SourceErrorKind, type UserSource } from '../../user-source.ts';
import { createHttpProxySource } from '../http-proxy-source.ts';
import { httpProxyConfig } from './http-proxy-config.ts';
import { startLocalServer } from './local-server.ts';

/** Data that the API sends for the requested user; no message may contain it. */
export const ada = { id: 'ada-4711', groups: [{ name: 'analysts-4711' }], department: 'finance-4711' };

/** User info of `ada`. */
export const adaInfo = { groups: [{ name: 'analysts-4711' }], authorizations: { department: ['finance-4711'] } };

const mapping: NonNullable<HttpProxySourceConfig['mapping']> = {
  identity: '/id',
  groups: [{ from: 'user', list: '/groups', name: '/name', optional: false }],
  authorizations: { department: { from: 'user', path: '/department', scalars: false, optional: false } },
};

/** `people/{userid}` returns the person. */
export const personOptions: Partial<HttpProxySourceConfig> = {
  user: { method: 'GET', path: 'people/{userid}', pagination: { type: 'none' } },
  mapping,
};

/** Returns options for `people?id={userid}`, which returns a list of people. */
export function peopleOptions(
  pagination: NonNullable<HttpProxySourceConfig['user']>['pagination'],
): Partial<HttpProxySourceConfig> {
  return { user: { method: 'GET', path: 'people?id={userid}', list: '/value', pagination }, mapping };
}

/** Runs `use` with a source that receives the responses of `listener`. */
export async function withSource<T>(
  listener: RequestListener,
  options: Partial<HttpProxySourceConfig>,
  use: (source: UserSource, url: string) => Promise<T>,
): Promise<T> {
  const server = await startLocalServer(listener);
  const source = createHttpProxySource(httpProxyConfig({ baseUrl: `${server.url}/api`, ...options }));
  try {
    return await use(source, server.url);
  } finally {
    await source.close();
    await server.close();
  }
}

/**
 * Looks up `ada` and returns the kind and the message of the failure.
 *
 * @throws if the user was found, or if a message or its cause contains a part of the user's data or "secret".
 */
export async function failureOf(
  source: UserSource,
  signal: AbortSignal = AbortSignal.timeout(5000),
): Promise<{ kind: SourceErrorKind; message: string }> {
  const outcome = await source.findUser(ada.id, signal).catch((error: unknown) => error);
  if (!(outcome instanceof SourceError)) throw new Error(`no SourceError: ${JSON.stringify(outcome)} ${outcome}`);
  for (let error: unknown = outcome; error instanceof Error; error = error.cause) {
    // These digits are user data, unless they are the last digits of a port.
    if (/(?<!localhost:\d*)4711|a secret/.test(inspect(error))) throw new Error(`shows data: ${error.message}`);
  }
  return { kind: outcome.kind, message: outcome.message };
}
