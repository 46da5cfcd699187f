// The type of a fault, and functions that create faults.
import type { ServerOptions } from 'node:https';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { AuthMode, ConformanceOptions } from '../conformance-options.ts';
import type { EndpointOptions, EndpointRequest, Refused, Reply, Steps } from './conformant-endpoint.ts';

/** The Basic credentials that the endpoint requires. */
export type Login = Pick<EndpointOptions, 'username' | 'password'>;

/** One fault. */
export interface Fault {
  /** Permanent and readable. */
  readonly name: string;
  /** The declared authentication of the endpoint with the fault. */
  readonly auth: AuthMode;
  /** Ids of the checks that fail; no other check fails. */
  readonly trips: readonly string[];
  /** Whether the endpoint is requested over HTTPS even if the authentication does not require it. Default: false. */
  readonly isHttps?: boolean;
  /** TLS options that differ from the defaults, e.g. `{ maxVersion: 'TLSv1.2' }`; over HTTPS only. */
  readonly tls?: ServerOptions | (() => Promise<ServerOptions>);
  /** A hand-written response to a client's first TLS message. */
  readonly chooseByHand?: EndpointOptions['chooseByHand'];
  /** Options of the run that differ. */
  readonly options?: Partial<ConformanceOptions> | (() => Promise<Partial<ConformanceOptions>>);
  /** The name in the URL. Default: 127.0.0.1. */
  readonly host?: string;
  alter(good: Steps, options: EndpointOptions): Partial<Steps>;
}

/** The 200 that silently removes all access. */
export const empty: UserInfo = { groups: [], authorizations: {} };
export const withBody = (reply: Reply, body: string): Reply => ({ ...reply, body });
export const json = (value: unknown): string => JSON.stringify(value);
export const without = (reply: Reply, name: string): Reply => ({
  ...reply,
  headers: Object.fromEntries(Object.entries(reply.headers).filter(([header]) => header !== name)),
});

/** Returns the response as bytes, with header lines in addition to the usual ones, in one chunk or without chunks. */
export function withLines(good: Reply, isChunked: boolean, ...lines: readonly string[]): Reply {
  const length = Buffer.byteLength(good.body);
  const head = [
    `HTTP/1.1 ${good.status} Answer`,
    ...Object.entries(good.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const framing = ['Cache-Control: no-store', ...lines, 'Connection: close'];
  const content = isChunked ? `${length.toString(16)}\r\n${good.body}\r\n0\r\n\r\n` : good.body;
  return { ...good, wire: `${[...head, ...framing].join('\r\n')}\r\n\r\n${content}` };
}

/** Returns a fault of the body of a 200. */
export function body(name: string, trips: readonly string[], writeBody: Steps['writeBody']): Fault {
  return { name, auth: 'none', trips, alter: () => ({ writeBody }) };
}

/** Returns a fault of the responses for which `when` returns true. */
export function reply(
  name: string,
  trips: readonly string[],
  when: (reply: Reply, request: EndpointRequest) => boolean,
  change: (reply: Reply) => Reply,
  auth: AuthMode = 'none',
): Fault {
  const finish: Steps['finish'] = (good, request) => (when(good, request) ? change(good) : good);
  return { name, auth, trips, alter: () => ({ finish }) };
}

/** Returns the fault of an endpoint that refuses requests with another status. */
export function refusedWith(
  name: string,
  trips: readonly string[],
  why: Refused,
  status: number,
  auth: AuthMode = 'none',
): Fault {
  return {
    name,
    auth,
    trips,
    alter: (good) => ({
      refuse: (reason, request) => ({ ...good.refuse(reason, request), ...(reason === why ? { status } : {}) }),
    }),
  };
}
