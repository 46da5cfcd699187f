// Diagnosis of an HTTP API whose connection works: protocol, authentication, path and content.
import { randomUUID } from 'node:crypto';
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type Finding, fails, failure, untried, works } from '../../doctor/probes/finding.ts';
import type { UpstreamAnswer } from './answer-collector.ts';
import { headersOf, targetOf } from './http-proxy-source.ts';
import { compileProxyPlan } from './proxy-plan.ts';
import type { Upstream } from './upstream.ts';

/** How the base URL of each preset ends, and the suffix to suggest if that ending is missing. */
const basePaths: Readonly<
  Partial<Record<HttpProxySourceConfig['preset'], readonly [ending: RegExp, missing: string]>>
> = {
  scim2: [/\/v2\/?$/i, '/v2'],
  'microsoft-graph': [/\/(v1\.0|beta)\/?$/i, '/v1.0'],
  okta: [/\/api\/v1\/?$/i, '/api/v1'],
  keycloak: [/\/admin\/realms\/[^/]+\/?$/i, '/admin/realms/REALM'],
};

/**
 * Sends the request for a user who does not exist, and reports the step at which the response fails: authentication, path or content.
 *
 * @param authorization the header's value; `null`: none.
 */
export async function diagnoseApi(
  config: HttpProxySourceConfig,
  upstream: Upstream,
  authorization: string | null,
): Promise<Finding> {
  const { plan } = compileProxyPlan(config);
  const userid = `user-info-check-${randomUUID()}@example.invalid`;
  const base = new URL(config.baseUrl);
  const target = plan && targetOf(base, plan.user, { userid });
  if (plan === null || target === null) return untried('API', 'the request for a user cannot be built');
  const { method, label } = plan.user;
  const body = plan.user.body?.({ userid }) ?? null;
  const ask = (asked: string, asBody: string | null = null) =>
    upstream.request(
      {
        method: asBody === null ? 'GET' : method,
        target: asked,
        headers: {
          ...headersOf(config),
          ...(authorization !== null && { authorization }),
          ...(asBody !== null && { 'content-type': 'application/json' }),
        },
        body: asBody,
      },
      AbortSignal.timeout(config.headersTimeoutMs + config.bodyTimeoutMs),
    );
  let answer: UpstreamAnswer;
  try {
    answer = await ask(target, body);
  } catch (error) {
    return failure('HTTP', error, protocolRemedy);
  }
  const { status } = answer;
  const said = `${base.host} responds to ${label} with status ${status}`;
  if (status === 401) return fails('authentication', said, 'check the user name, password or token in source.auth');
  if (status === 407) return fails('authentication', `${said}, a response from a proxy`, 'connect without that proxy');
  if (status === 403)
    return fails('authentication', said, 'the account has no permission to read this: grant the permission or scope');
  if (status >= 300 && status < 400)
    return fails('path', `${said}, a redirect${describeTarget(answer, base)}`, redirectRemedy);
  if (status === 400 && mentionsTls(answer)) {
    return fails('HTTP', `${said}: this port expects TLS`, 'write https:// in source.baseUrl');
  }
  if (status === 429 || status >= 500) return fails('API', said, 'the API is overloaded or failing: see its log');
  const isNotFound = plan.user.notFound.statuses.includes(status) && (isJson(answer) || answer.body.length === 0);
  if (status === 200 && !isJson(answer)) {
    return isHtml(answer)
      ? fails(
          'content',
          `${said} and an HTML page, such as a login page`,
          `${await pathRemedy()}; an API responds with JSON`,
        )
      : fails('content', `${said} and a body that is not JSON, according to its Content-Type`, await pathRemedy());
  }
  if (status === 200 || isNotFound)
    return works('API', `${base.host} accepts the request, and responds with JSON or with an empty "not found"`);
  return fails('path', isHtml(answer) ? `${said} and an HTML page` : said, await pathRemedy());

  /** Names the base URL of the API, if a request finds it. */
  async function pathRemedy(): Promise<string> {
    const path = base.pathname.replace(/\/$/, '');
    const [ending, missing = ''] = basePaths[config.preset] ?? [];
    if (ending === undefined) return 'compare source.baseUrl and user.path with the documentation of the API';
    if (ending.test(path))
      return `compare source.baseUrl with the documentation; with this preset, it must end with ${missing}`;
    const guesses = config.preset === 'scim2' ? [`${path}${missing}`, `${path}/scim${missing}`] : [];
    for (const guess of guesses) {
      const found = await ask(`${guess}/ServiceProviderConfig`).catch(() => null);
      if (found?.status === 200 && isJson(found))
        return `set source.baseUrl to ${base.origin}${guess}, where a SCIM server responds`;
    }
    return `with this preset, source.baseUrl must end with ${missing}: try ${base.origin}${path}${missing}`;
  }
}

export const protocolRemedy =
  'check the port, and http or https in source.baseUrl. `curl -v` shows what the server sends';
const redirectRemedy =
  'set source.baseUrl to the target of the redirect. If the target is a login page, this path is for browsers: use the path of the API';

/** Returns the origin and path of a redirect; its query may contain confidential data. */
function describeTarget({ headers }: UpstreamAnswer, base: URL): string {
  const location = String(headers.location ?? '');
  if (location === '' || !URL.canParse(location, base.href)) return '';
  const { origin, pathname } = new URL(location, base);
  return ` to ${`${origin}${pathname}`.slice(0, 200)}`;
}

function mentionsTls({ body }: UpstreamAnswer): boolean {
  return /https|TLS|SSL/i.test(Buffer.from(body.subarray(0, 2000)).toString('latin1'));
}

function isHtml({ headers, body }: UpstreamAnswer): boolean {
  return (
    /html/i.test(String(headers['content-type'])) ||
    /^\s*<(!doctype|html)/i.test(Buffer.from(body.subarray(0, 200)).toString())
  );
}

function isJson({ headers }: UpstreamAnswer): boolean {
  return /^\s*application\/([\w.!#$&^-]+\+)?json\s*(;|$)/i.test(String(headers['content-type']));
}
