// Adapter `http-proxy`: a JSON API that is requested for each user.
import { readFileSync } from 'node:fs';
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { invalidOptions } from '../adapter.ts';
import { type LookUpSignal, type LookUpSource, SourceError, type UserOrigins } from '../user-source.ts';
import { createCredentials } from './access-token.ts';
import { FilterProbe } from './filter-probe.ts';
import { matchEntry } from './match-entry.ts';
import { compileProxyPlan, type ProxyPlan, type RequestPlan } from './proxy-plan.ts';
import { isEnabled, mapUser, readUserInfo, type UserMaterial } from './read-user.ts';
import type { RequestContext } from './request-json.ts';
import type { TemplateValues } from './request-template.ts';
import { createUpstream, type UpstreamTls } from './upstream.ts';
import { OriginsCollector, type Place, type UserCollector, UserInfoCollector } from './user-collectors.ts';
import { type Budget, type Page, walkPages } from './walk-pages.ts';

const absences = {
  unknown: 'the upstream does not know this userid',
  'other-spelling':
    'the upstream spells the userid differently (letter case, normalization or spaces); see caseInsensitive and userid.foldCase',
  disabled: 'mapping.enabled marks the entry as disabled',
  unaskable: 'the request cannot contain this userid',
} as const;
/** Why no user is returned. */
type Absence = keyof typeof absences;

/** What was requested, for an explanation. */
type SentRequests = Array<{ readonly query: string; readonly outcome: string }>;

/**
 * Creates a source for an upstream API; connects at the first lookup. `check` requests a userid that no user has, and from time to time the groups of
 * an unknown id. Both succeed only if credentials, filters and "not found" work.
 *
 * @throws {SourceError} `unavailable`: an option is invalid, or a PEM file cannot be read.
 */
export function createHttpProxySource(config: HttpProxySourceConfig): LookUpSource {
  const plan = assertPlan(config);
  const tls = readTls(config);
  const base = new URL(config.baseUrl);
  const upstream = createUpstream(base.origin, tls, config);
  const tokens =
    config.auth.type === 'oauth2'
      ? createUpstream(new URL(config.auth.tokenUrl).origin, tls, {
          ...config,
          maxConnections: 1,
          maxBytes: maxTokenBytes,
        })
      : null;
  const context: RequestContext = {
    upstream,
    credentials: createCredentials(config.auth, tokens),
    headers: headersOf(config),
    maxRetryAfterMs: config.maxRetryAfterMs,
  };

  /** Requests all pages; `null`: not found, `unaskable`: the request cannot contain these values. */
  function requestPages(
    request: RequestPlan,
    values: TemplateValues,
    budget: Budget,
    signal: LookUpSignal,
    assertPage?: (page: Page) => void,
  ): Promise<Page[] | null> | 'unaskable' {
    const target = targetOf(base, request, values);
    const body = request.body?.(values) ?? null;
    if (target === null || (request.body !== null && body === null)) return 'unaskable';
    const { method, label, list, notFound, pagination, pageLimit } = request;
    // Not a spread, which would cost each lookup a microsecond.
    return walkPages(
      context,
      { method, label, list, notFound, pagination, pageLimit, target, body },
      budget,
      signal,
      assertPage,
    );
  }

  /** Records a request's first line, which can be shown because secrets are sent in headers only. */
  function note(
    asked: SentRequests,
    request: RequestPlan,
    values: TemplateValues,
    pages: readonly Page[] | null,
  ): void {
    const lineOf = (target: string) => `${request.method} ${base.origin}${target}`;
    if (pages === null) asked.push({ query: lineOf(targetOf(base, request, values) ?? ''), outcome: 'not found' });
    for (const { target, items } of pages ?? []) {
      asked.push({ query: lineOf(target), outcome: items.length === 1 ? '1 item' : `${items.length} items` });
    }
  }

  async function fetchUser(
    userid: string,
    signal: LookUpSignal,
    asked: SentRequests | null = null,
  ): Promise<UserMaterial | Absence> {
    // The server rejects all such userids; no upstream should have to interpret them.
    if (userid === '' || controlCharacter.test(userid)) return 'unaskable';
    const budget: Budget = { pages: config.maxPages, bytes: config.maxBytes };
    const pages = await requestPages(plan.user, { userid }, budget, signal);
    if (pages === 'unaskable') return pages;
    if (asked !== null) note(asked, plan.user, { userid }, pages);
    if (pages === null) return 'unknown';
    const match = matchEntry(pages, userid, plan.mapping?.identity ?? null, config.caseInsensitive);
    if (match === 'none') return 'unknown';
    if (match === 'other-spelling') return match;
    if (plan.mapping && !isEnabled(match.entry, plan.mapping)) return 'disabled';
    const { page, entry } = match;
    if (plan.groups === null) return { page, entry, userPages: pages, groupPages: [] };
    const groupPages = await requestPages(plan.groups, { userid, entry }, budget, signal);
    if (groupPages === null || groupPages === 'unaskable') {
      throw new SourceError(
        'bad-answer',
        `The user's entry lacks a value that ${plan.groups.label} needs, or the upstream responded to this request with "not found".`,
      );
    }
    if (asked !== null) note(asked, plan.groups, { userid, entry }, groupPages);
    return { page, entry, userPages: pages, groupPages };
  }

  const probe = new FilterProbe(
    { user: plan.user, groups: plan.groups, isPresetGroups: config.groups === undefined },
    async (request, values, signal, assertPage) => {
      const budget: Budget = { pages: config.maxPages, bytes: config.maxBytes };
      await requestPages(request, values, budget, signal, assertPage);
    },
  );

  return {
    takesLookUpSignal: true,
    async findUser(userid, signal) {
      if (probe.failure !== null) throw probe.failure;
      const material = await fetchUser(userid, signal);
      if (typeof material === 'string') return null;
      const collector = new UserInfoCollector();
      collect(material, plan, collector);
      return collector.toUserInfo();
    },
    ...(plan.mapping?.enabled && {
      isDisabled: async (userid: string, signal: LookUpSignal) => (await fetchUser(userid, signal)) === 'disabled',
    }),
    async explainUser(userid, signal) {
      const asked: SentRequests = [];
      const material = await fetchUser(userid, signal, asked);
      if (typeof material === 'string') return { absent: absences[material], groups: [], authorizations: [], asked };
      return { ...explain(material, plan, base.origin), asked };
    },
    async check() {
      const signal = AbortSignal.timeout(config.connectTimeoutMs + config.headersTimeoutMs + config.bodyTimeoutMs);
      await probe.run(signal);
    },
    async close() {
      await Promise.all([upstream.close(), tokens?.close()]);
    },
  };
}

/** Returns the path and query of a request; `null`: the request cannot contain these values. */
export function targetOf(base: URL, request: RequestPlan, values: TemplateValues): string | null {
  const path = request.path(values);
  if (path === null) return null;
  // The base URL is itself the endpoint if only a query follows.
  if (path.startsWith('?')) return `${base.pathname}${path}`;
  return `${base.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
}

const maxTokenBytes = 1_048_576;
// Unicode category Cc: C0, DEL and C1.
const controlCharacter = /\p{Cc}/u;

function collect(material: UserMaterial, { mapping }: ProxyPlan, collector: UserCollector): void {
  if (mapping === null) readUserInfo(material, collector);
  else mapUser(material, mapping, collector);
}

function explain(material: UserMaterial, plan: ProxyPlan, origin: string): UserOrigins {
  const { userPages } = material;
  const { user, groups } = plan;
  const collector = new OriginsCollector();
  collect(material, plan, collector);
  const requestOf = (page: Page): string => {
    const { method } = userPages.includes(page) ? user : (groups ?? user);
    return `${method} ${origin}${page.target}`;
  };
  const describe = ({ list, item, path }: Place): string => {
    const within = list.path === null ? '' : ` in ${list.path || 'the entry'}`;
    const place = item === null ? '' : `item ${item + 1} of ${list.length}${within}, `;
    return `${requestOf(list.page)}: ${place}${path || 'the whole value'}`;
  };
  return collector.toOrigins(describe);
}

function assertPlan(config: HttpProxySourceConfig): ProxyPlan {
  const { plan, faults } = compileProxyPlan(config);
  if (plan === null) throw invalidOptions(faults);
  return plan;
}

/** Returns the headers of every request, with names in lower case. */
export function headersOf({ headers, secretHeaders }: HttpProxySourceConfig): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    ...Object.entries(secretHeaders).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
    ['accept', 'application/json, application/scim+json'],
    ['accept-encoding', 'gzip'],
  ]);
}

/** Reads the PEM files of the section `tls`. @throws {SourceError} `unavailable`: one of the files cannot be read. */
export function readTls({ tls }: HttpProxySourceConfig): UpstreamTls {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new SourceError('unavailable', `${file} cannot be read (${code}).`, { cause: error });
    }
  };
  return {
    // An empty list would mean "trust no CA"; omitted, it means the public CAs.
    ...(tls.ca.length > 0 && { ca: tls.ca.map(read) }),
    ...(tls.certificate !== undefined && { cert: read(tls.certificate) }),
    ...(tls.key !== undefined && { key: read(tls.key) }),
    ...(tls.keyPassphrase !== undefined && { passphrase: tls.keyPassphrase.reveal() }),
  };
}
