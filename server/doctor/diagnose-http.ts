// Owns the diagnosis of the source `http-proxy`: the way to the upstream and to where tokens come from, a token, the clock.
import type { HttpProxySourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createCredentials } from '../adapters/http-proxy/access-token.ts';
import { readTls } from '../adapters/http-proxy/http-proxy-source.ts';
import { createUpstream, type UpstreamTls } from '../adapters/http-proxy/upstream.ts';
import { judgeClock } from './clock-finding.ts';
import { type Finding, type Findings, failure, untried, works } from './finding.ts';
import { probeHost } from './probe-host.ts';

/** What the upstream answers to a look-up is the source's own check. */
export async function* diagnoseHttp(config: HttpProxySourceConfig): Findings {
  let tls: UpstreamTls;
  try {
    tls = readTls(config);
  } catch (error) {
    yield failure('TLS', error, 'compare the paths in source.tls, and who may read them');
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
  yield await askForTime(base, tls, config);
  if (tokenUrl === null) return true;
  const finding = await askForToken(tokenUrl, tls, config);
  yield finding;
  return finding.verdict !== 'fails';
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

/** Asked without credentials: whatever it answers, the time stands in the header `Date` (RFC 9110, 6.6.1). */
async function askForTime(base: URL, tls: UpstreamTls, config: HttpProxySourceConfig): Promise<Finding> {
  const upstream = createUpstream(base.origin, tls, config);
  const askedMs = Date.now();
  try {
    const signal = AbortSignal.timeout(config.connectTimeoutMs + config.headersTimeoutMs + config.bodyTimeoutMs);
    const { headers } = await upstream.request({ method: 'GET', target: base.pathname, headers: {} }, signal);
    const theirMs = Date.parse(String(headers.date));
    if (Number.isNaN(theirMs)) return untried('clock', `${base.host} does not tell its time`);
    // The header has whole seconds, cut off.
    return judgeClock(base.host, theirMs, askedMs - 1000, Date.now());
  } catch (error) {
    return failure('clock', error);
  } finally {
    await upstream.close();
  }
}

async function askForToken(tokenUrl: URL, tls: UpstreamTls, config: HttpProxySourceConfig): Promise<Finding> {
  const upstream = createUpstream(tokenUrl.origin, tls, config);
  try {
    await createCredentials(config.auth, upstream).authorization(new AbortController().signal);
    return works('token', `${tokenUrl.host} gives an access token`);
  } catch (error) {
    return failure('token', error);
  } finally {
    await upstream.close();
  }
}
