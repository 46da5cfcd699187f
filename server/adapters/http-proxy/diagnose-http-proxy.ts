// Diagnosis of the source `http-proxy`: connections to the upstream and to the token server, protocol, clock, token, and the API.
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { type Finding, type Findings, failure, untried, works } from '../../doctor/probes/finding.ts';
import { probeHost } from '../../doctor/probes/probe-host.ts';
import { createCredentials } from './access-token.ts';
import { diagnoseApi, protocolRemedy } from './diagnose-api.ts';
import { readTls } from './http-proxy-source.ts';
import { createUpstream, type Upstream, type UpstreamTls } from './upstream.ts';

/** Yields the findings of each step, which depends on the previous one: name, port, certificate, protocol, token, and the API itself. */
export async function* diagnoseHttpProxy(config: HttpProxySourceConfig): Findings {
  let tls: UpstreamTls;
  try {
    tls = readTls(config);
  } catch (error) {
    yield failure('TLS', error, 'check the paths in source.tls and the permissions of the files');
    return false;
  }
  const { auth, connectTimeoutMs: timeoutMs } = config;
  const base = new URL(config.baseUrl);
  const tokenUrl = auth.type === 'oauth2' ? new URL(auth.tokenUrl) : null;
  let canGoOn = true;
  for (const url of tokenUrl === null || tokenUrl.origin === base.origin ? [base] : [base, tokenUrl]) {
    if (!(yield* probeOrigin(url, tls, timeoutMs))) canGoOn = false;
  }
  if (!canGoOn) return false;
  const upstream = createUpstream(base.origin, tls, config);
  const tokens = tokenUrl && createUpstream(tokenUrl.origin, tls, config);
  try {
    const [http, clock] = await readTime(base, upstream, config);
    yield http;
    if (http.verdict === 'fails') return false;
    yield clock;
    let authorization: string | null;
    try {
      authorization = await createCredentials(auth, tokens).authorization(new AbortController().signal);
    } catch (error) {
      yield failure('token', error);
      return false;
    }
    if (tokenUrl !== null) yield works('token', `${tokenUrl.host} returns an access token`);
    const api = await diagnoseApi(config, upstream, authorization);
    yield api;
    return api.verdict !== 'fails';
  } finally {
    await Promise.all([upstream.close(), tokens?.close()]);
  }
}

function probeOrigin(url: URL, tls: UpstreamTls, timeoutMs: number): Findings {
  const isHttps = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { ca, ...own } = tls;
  const options = { ...own, ...(ca && { ca: [...ca] }) };
  return probeHost({
    host,
    port: Number(url.port || (isHttps ? 443 : 80)),
    timeoutMs,
    ...(isHttps && { tls: { options, serverName: host, section: 'source.tls' } }),
  });
}

/** Reads the time without credentials, from the header `Date` of the response (RFC 9110, 6.6.1). */
async function readTime(base: URL, upstream: Upstream, config: HttpProxySourceConfig): Promise<[Finding, Finding]> {
  const requestedMs = Date.now();
  try {
    const signal = AbortSignal.timeout(config.connectTimeoutMs + config.headersTimeoutMs + config.bodyTimeoutMs);
    const { headers } = await upstream.request({ method: 'GET', target: base.pathname, headers: {} }, signal);
    const http = works('HTTP', `${base.host} responds over HTTP`);
    const theirMs = Date.parse(String(headers.date));
    if (Number.isNaN(theirMs)) return [http, untried('clock', `${base.host} does not send its time`)];
    // The header contains whole seconds, truncated.
    return [http, compareClocks(base.host, theirMs, requestedMs - 1000, Date.now())];
  } catch (error) {
    return [failure('HTTP', error, protocolRemedy), untried('clock', 'not tried')];
  }
}
