// Loaded configurations of the http-proxy adapter, for tests.
import type { HttpProxySourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';

type Options = Partial<HttpProxySourceConfig> & Pick<HttpProxySourceConfig, 'baseUrl'>;

/** Returns all options at their defaults except the given ones. */
export function httpProxyConfig(options: Options): HttpProxySourceConfig {
  return {
    type: 'http-proxy',
    preset: 'custom',
    auth: { type: 'none' },
    tls: { ca: [] },
    headers: {},
    secretHeaders: {},
    caseInsensitive: false,
    connectTimeoutMs: 2000,
    headersTimeoutMs: 4000,
    bodyTimeoutMs: 2000,
    maxRetryAfterMs: 2000,
    maxPages: 100,
    maxBytes: 16_777_216,
    maxConnections: 64,
    ...options,
  };
}
