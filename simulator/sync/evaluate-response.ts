// Interprets an endpoint's response as the platform does: as the access of a user, or as a kind of failure with its reason.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { validateUserInfo, validateUserInfoLenient } from '../../schemas/validators.ts';
import { isKeepable } from '../database/database-error.ts';
import { type Access, toAccess } from './access.ts';
import { describeInvalidInfo, describeInvalidJson } from './describe-invalid-body.ts';
import { type EndpointAnswer, noAnswerKinds } from './endpoint-answer.ts';

/** Why there is no access. */
export const failureKinds = [
  'not-found',
  'credentials-refused',
  'rate-limited',
  'server-error',
  'other-status',
  'invalid-body',
  'too-large',
  ...noAnswerKinds,
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** `status` is null if there was no response. `detail` is the reason; it may name attributes but never quotes a value. */
export interface FailedAnswer {
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly detail: string;
}

export type Answer = { readonly kind: 'user'; readonly status: 200; readonly access: Access } | FailedAnswer;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Returns the access in a response with status 200, or what is invalid in it. */
export function evaluateResponse(answer: EndpointAnswer, { guesses }: LoadedIamSettings): Answer {
  const invalid = (detail: string): Answer => ({ kind: 'invalid-body', status: 200, detail });
  if (answer.contentEncoding !== '' && answer.contentEncoding !== 'identity') {
    return invalid('the body has a Content-Encoding that was not requested');
  }
  if (guesses.contentType === 'json' && !/^application\/(?:json|\w[\w.-]*\+json)\s*(?:;|$)/i.test(answer.contentType)) {
    return invalid('the Content-Type is not JSON, which guesses.contentType requires');
  }
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(answer.body);
  } catch {
    return invalid('the body is not valid UTF-8');
  }
  try {
    value = JSON.parse(text);
  } catch {
    return invalid(describeInvalidJson(text));
  }
  const validate = guesses.bodyProfile === 'strict' ? validateUserInfo : validateUserInfoLenient;
  if (!validate(value)) return invalid(describeInvalidInfo(value, validate.errors));
  const access = toAccess(withCases(value, guesses));
  // UTF-8 has no unpaired surrogates, and JSON has no unescaped NUL: only an escape can produce them.
  if (!text.includes('\\u')) return { kind: 'user', status: 200, access };
  for (const name of access.groups) if (!isKeepable(name)) return invalid(unkeepable);
  for (const key of access.values) if (!isKeepable(key.replace('\0', ''))) return invalid(unkeepable);
  return { kind: 'user', status: 200, access };
}

const unkeepable = 'a name or value contains a NUL or an unpaired surrogate';

function withCases(
  info: Parameters<typeof toAccess>[0],
  { groupCase, attributeCase }: LoadedIamSettings['guesses'],
): Parameters<typeof toAccess>[0] {
  if (groupCase === 'keep' && attributeCase === 'keep') return info;
  const attributes = new Map<string, string[]>();
  for (const [name, values] of Object.entries(info.authorizations)) {
    const stored = inCase(name, attributeCase);
    attributes.set(stored, [...(attributes.get(stored) ?? []), ...values]);
  }
  return {
    groups: info.groups.map(({ name }) => ({ name: inCase(name, groupCase) })),
    authorizations: Object.fromEntries(attributes),
  };
}

function inCase(name: string, nameCase: 'keep' | 'lower' | 'upper'): string {
  if (nameCase === 'keep') return name;
  return nameCase === 'lower' ? name.toLowerCase() : name.toUpperCase();
}

/**
 * Returns the meaning of a status other than 200.
 *
 * @param url the requested URL, from which a relative Location is resolved.
 */
export function evaluateStatus(
  { status, location }: Pick<EndpointAnswer, 'status' | 'location'>,
  url: string,
): FailedAnswer {
  const isRedirect = status >= 300 && status < 400 && location !== '';
  const detail = `status ${status}${isRedirect ? `, a redirect to ${describeTarget(location, url)}` : ''}`;
  return { kind: kindOfStatus(status), status, detail };
}

/** Returns only the origin of a redirect's target, because path and query may contain the user name or a token. */
function describeTarget(location: string, url: string): string {
  return URL.canParse(location, url) ? new URL(location, url).origin : 'an invalid Location';
}

function kindOfStatus(status: number): FailureKind {
  if (status === 404) return 'not-found';
  if (status === 401 || status === 403) return 'credentials-refused';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server-error' : 'other-status';
}
