// Compiles the configuration, with its preset, into the plan of a lookup. Everything is validated before the server starts.
import type {
  HttpGroupsMappingConfig,
  HttpMappingConfig,
  HttpNotFoundConfig,
  HttpPaginationConfig,
  HttpProxySourceConfig,
  HttpUserRequestConfig,
} from '../../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../../schemas/loopback.ts';
import type { OptionFault } from '../adapter.ts';
import { compileJsonPath, type JsonPath, JsonPathFault } from './json-path.ts';
import { presetOptions } from './presets.ts';
import type { NotFoundRule } from './request-json.ts';
import {
  compileBodyTemplate,
  compilePathTemplate,
  hasUseridInPath,
  type Template,
  TemplateFault,
} from './request-template.ts';
import type { CompiledPagination } from './walk-pages.ts';

/** One request as described by the configuration. */
export interface RequestPlan {
  readonly method: 'GET' | 'POST';
  /** Relative to the base URL's path. */
  readonly path: Template;
  readonly body: Template | null;
  readonly label: string;
  readonly list: JsonPath | null;
  readonly notFound: NotFoundRule;
  readonly pagination: CompiledPagination;
  /** Maximum number of items according to the path, if no second page is requested; otherwise `null`. */
  readonly pageLimit: number | null;
  /** Whether the query or the body, instead of the path, selects the entries. */
  readonly isFilter: boolean;
}

export interface GroupsPlan {
  readonly from: 'user' | 'groups';
  /** Path of the list in the user's entry; `null` for the items of the groups request. */
  readonly list: JsonPath | null;
  readonly name: JsonPath;
  readonly where: { readonly path: JsonPath; readonly equals: string } | null;
  readonly optional: boolean;
}

export interface ValuePlan {
  readonly authorization: string;
  readonly from: 'user' | 'groups';
  readonly path: JsonPath;
  readonly separator: string | null;
  readonly scalars: boolean;
  readonly optional: boolean;
}

export interface MappingPlan {
  readonly identity: JsonPath | null;
  readonly enabled: {
    readonly path: JsonPath;
    readonly values: readonly string[];
    readonly disabledValues: readonly string[];
    readonly optional: boolean;
  } | null;
  readonly groups: readonly GroupsPlan[];
  readonly authorizations: readonly ValuePlan[];
  readonly allAttributes: { readonly path: JsonPath; readonly optional: boolean } | null;
}

export interface ProxyPlan {
  readonly user: RequestPlan;
  /** `null`: it is not mapped, so it is not sent. */
  readonly groups: RequestPlan | null;
  /** `null`: the user's response is already user info. */
  readonly mapping: MappingPlan | null;
}

export type PlanOutcome =
  | { readonly plan: ProxyPlan; readonly faults: readonly [] }
  | { readonly plan: null; readonly faults: readonly OptionFault[] };

/** Headers that the configuration must not set: they belong to this adapter or to the connection. */
const ownHeaders = [
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Compiles the options, and reports all errors at once. */
export function compileProxyPlan(config: HttpProxySourceConfig): PlanOutcome {
  const compiler = new PlanCompiler();
  const preset = presetOptions(config);
  const user = config.user ?? preset.user;
  const groups = config.groups ?? preset.groups;
  const mapping = joinMappings(config.mapping, preset.mapping);
  compiler.validateConnections(config);
  if (user === undefined) compiler.add('user', 'is missing; the preset custom requires it');
  if (config.preset === 'passthrough') {
    if (config.mapping)
      compiler.add('mapping', 'is not allowed with the preset passthrough, whose responses are passed on unchanged');
    if (config.groups)
      compiler.add('groups', 'is not allowed with the preset passthrough, whose responses contain the groups');
  } else if (user !== undefined) compiler.validateMapping(user, groups !== undefined, mapping);

  const userPlan = user && compiler.compileUser(user);
  const groupsPlan = groups && compiler.compileRequest('groups', { ...groups, method: 'GET' });
  const mappingPlan = config.preset === 'passthrough' ? null : compiler.compileMapping(mapping);
  if (!userPlan || compiler.faults.length > 0) return { plan: null, faults: compiler.faults };
  const usesGroups = [...(mappingPlan?.groups ?? []), ...(mappingPlan?.authorizations ?? [])].some(
    ({ from }) => from === 'groups',
  );
  return {
    plan: { user: userPlan, groups: usesGroups && groupsPlan ? groupsPlan : null, mapping: mappingPlan },
    faults: [],
  };
}

/** Merges the mappings: the configuration takes precedence over the preset, option by option. */
function joinMappings(own: HttpMappingConfig | undefined, preset: HttpMappingConfig | undefined): HttpMappingConfig {
  const groups = own && own.groups.length > 0 ? own.groups : (preset?.groups ?? []);
  return { ...preset, ...own, groups, authorizations: own?.authorizations ?? preset?.authorizations ?? {} };
}

class PlanCompiler {
  readonly faults: OptionFault[] = [];

  add(option: string, message: string): void {
    this.faults.push({ option, message });
  }

  validateConnections({ baseUrl, auth, tls, headers, secretHeaders }: HttpProxySourceConfig): void {
    this.#validateUrl('baseUrl', baseUrl);
    if (auth.type === 'oauth2') this.#validateUrl('auth.tokenUrl', auth.tokenUrl);
    if ((tls.certificate === undefined) !== (tls.key === undefined)) {
      this.add('tls', 'has only one of certificate and key; set both');
    }
    for (const [option, map] of [
      ['headers', headers],
      ['secretHeaders', secretHeaders],
    ] as const) {
      for (const name of Object.keys(map)) {
        // Messages may show the name: names of headers are not secret.
        if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
          this.add(option, 'has a name that is invalid for an HTTP header');
        else if (ownHeaders.includes(name.toLowerCase()))
          this.add(option, `must not set ${name}; see auth for credentials`);
      }
    }
  }

  #validateUrl(option: string, text: string): void {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      this.add(option, 'is not a URL');
      return;
    }
    if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname)) {
      this.add(
        option,
        'uses http without TLS, which is allowed only for loopback addresses: each request carries credentials',
      );
    }
  }

  /** Validates rules that combine requests and mapping. */
  validateMapping(user: HttpUserRequestConfig, hasGroups: boolean, mapping: HttpMappingConfig): void {
    if (mapping.identity === undefined && (user.list !== undefined || hasUseridInPath(user.path))) {
      this.add(
        'mapping',
        'needs identity: with the userid in a filter or the path, the entry must be compared with the requested userid',
      );
    }
    if (mapping.groups.length === 0 && Object.keys(mapping.authorizations).length === 0 && !mapping.allAttributes) {
      this.add('mapping', 'maps neither groups nor authorizations, so no user would have any access');
    }
    if (hasGroups) return;
    const using = [...mapping.groups, ...Object.values(mapping.authorizations)].some(({ from }) => from === 'groups');
    if (using)
      this.add('mapping', 'takes values from groups, but there is no groups request. Add groups, or set from to user');
  }

  compileUser(user: HttpUserRequestConfig): RequestPlan | null {
    if (user.method === 'GET' && user.body !== undefined) this.add('user.body', 'needs method POST');
    if (user.method === 'POST' && user.pagination.type !== 'none') {
      this.add('user.pagination', 'requires method GET, because further pages are fetched by URL');
    }
    if (!/\{userid\}/.test(user.path + JSON.stringify(user.body ?? {}))) {
      this.add('user.path', 'does not contain {userid}, so every user would get the same response');
    }
    return this.compileRequest('user', user);
  }

  compileRequest(
    option: 'user' | 'groups',
    request: Omit<HttpUserRequestConfig, 'body'> & { body?: object },
  ): RequestPlan | null {
    const { method, path, body, list, pagination } = request;
    const compiledPath = this.#attempt(`${option}.path`, () => compilePathTemplate(path));
    const compiledBody = body && this.#attempt(`${option}.body`, () => compileBodyTemplate(body));
    const compiledPagination = this.#compilePagination(`${option}.pagination`, pagination);
    const fallback = { statuses: option === 'user' && list === undefined ? [404] : [] };
    const notFound = this.#compileNotFound(`${option}.notFound`, request.notFound ?? fallback);
    const compiledList = list === undefined ? null : this.#path(`${option}.list`, list);
    if (!compiledPath || compiledBody === null || !compiledPagination || !notFound) return null;
    return {
      method,
      path: compiledPath,
      body: compiledBody ?? null,
      label: `${method} ${path}`,
      list: compiledList,
      notFound,
      pagination: compiledPagination,
      // `pageLimit` is for groups only: the user request gets one user, so a limit of 1 does not mean a full page.
      isFilter: !(path.split('?')[0] ?? '').includes('{'),
      pageLimit: option === 'groups' && pagination.type === 'none' ? findPageLimit(path) : null,
    };
  }

  #compileNotFound(option: string, { statuses, path, equals }: HttpNotFoundConfig): NotFoundRule | null {
    if ((path === undefined) !== (equals === undefined)) this.add(option, 'has only one of path and equals; set both');
    if (path === undefined || equals === undefined) return { statuses, says: null };
    const compiled = this.#path(`${option}.path`, path);
    return compiled && { statuses, says: { path: compiled, equals } };
  }

  #compilePagination(option: string, pagination: HttpPaginationConfig): CompiledPagination | null {
    if (pagination.type !== 'cursor') return pagination;
    const path = this.#path(`${option}.path`, pagination.path);
    return path && { ...pagination, path };
  }

  compileMapping({ identity, enabled, groups, authorizations, allAttributes }: HttpMappingConfig): MappingPlan {
    const path = (option: string, text: string) => this.#path(`mapping.${option}`, text) ?? unusable;
    return {
      identity: identity === undefined ? null : path('identity', identity),
      enabled: enabled ? { ...enabled, path: path('enabled.path', enabled.path) } : null,
      groups: groups.map((group, index) => this.#compileGroups(`mapping.groups[${index}]`, group)),
      authorizations: Object.entries(authorizations).map(([authorization, value]) => ({
        ...value,
        authorization,
        path: path('authorizations', value.path),
        separator: value.separator ?? null,
      })),
      allAttributes: allAttributes ? { ...allAttributes, path: path('allAttributes.path', allAttributes.path) } : null,
    };
  }

  #compileGroups(option: string, { from, list, name, where, optional }: HttpGroupsMappingConfig): GroupsPlan {
    if (from === 'user' && list === undefined)
      this.add(option, "needs list, the location of the groups in the user's entry");
    if (from === 'groups' && list !== undefined)
      this.add(option, 'has a list, which applies to from: user only. Use groups.list');
    return {
      from,
      list: list === undefined ? null : this.#path(`${option}.list`, list),
      name: this.#path(`${option}.name`, name) ?? unusable,
      where: where ? { path: this.#path(`${option}.where.path`, where.path) ?? unusable, equals: where.equals } : null,
      optional,
    };
  }

  #path(option: string, text: string): JsonPath | null {
    return this.#attempt(option, () => compileJsonPath(text));
  }

  #attempt<T>(option: string, make: () => T): T | null {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof JsonPathFault || error instanceof TemplateFault)) throw error;
      this.add(option, error.message);
      return null;
    }
  }
}

/** Usual names of the parameter for the size of a page. */
const pageLimit =
  /[?&](?:\$?top|limit|per_?page|page_?size|max|max_?(?:results|items)|rows|count|size)=(\d{1,9})(?:&|$)/i;

function findPageLimit(path: string): number | null {
  const limit = Number(pageLimit.exec(path)?.[1] ?? 0);
  return limit > 0 ? limit : null;
}

/** Replaces a rejected path; the error keeps the plan from being used. */
const unusable: JsonPath = { text: '', find: () => undefined };
