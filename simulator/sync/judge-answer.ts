// Owns what an answer of the endpoint is for the platform: the access of a user, or one of a few kinds of failure.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { describeSchemaErrors, validateUserInfo, validateUserInfoLenient } from '../../schemas/validators.ts';
import { isKeepable } from '../database/keepable-text.ts';
import type { EndpointAnswer } from '../http/answer-reader.ts';
import { noAnswerKinds } from '../http/no-answer.ts';
import { type Access, toAccess } from './access.ts';

/** Why there is no access to take. */
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

/** `status` is null when no answer came. `detail` is in words, without anything of the user's. */
export interface FailedAnswer {
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly detail: string;
}

export type Answer = { readonly kind: 'user'; readonly status: 200; readonly access: Access } | FailedAnswer;

const decoder = new TextDecoder('utf-8', { fatal: true });

export function judgeAnswer(answer: EndpointAnswer, { guesses }: LoadedIamSettings): Answer {
  const { status } = answer;
  if (status !== 200) return judgeStatus(status);
  const invalid = (detail: string): Answer => ({ kind: 'invalid-body', status, detail });
  if (answer.contentEncoding !== '' && answer.contentEncoding !== 'identity') {
    return invalid('the body is packed, which was not asked for');
  }
  if (guesses.contentType === 'json' && !/^application\/(?:json|\w[\w.-]*\+json)\s*(?:;|$)/i.test(answer.contentType)) {
    return invalid('the content type is not JSON');
  }
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(answer.body);
    value = JSON.parse(text);
  } catch (error) {
    return invalid(error instanceof SyntaxError ? 'the body is no JSON' : 'the body is no UTF-8');
  }
  const validate = guesses.bodyProfile === 'strict' ? validateUserInfo : validateUserInfoLenient;
  if (!validate(value)) return invalid(describeSchemaErrors(validate.errors));
  const access = toAccess(withCases(value, guesses));
  // UTF-8 has no half of a pair and JSON no bare NUL: only an escape can bring them in.
  if (!text.includes('\\u')) return { kind: 'user', status, access };
  for (const name of access.groups) if (!isKeepable(name)) return invalid(unkeepable);
  for (const key of access.values) if (!isKeepable(key.replace('\0', ''))) return invalid(unkeepable);
  return { kind: 'user', status, access };
}

const unkeepable = 'a name or value holds a NUL or half a surrogate pair';

function withCases(
  info: Parameters<typeof toAccess>[0],
  { groupCase, attributeCase }: LoadedIamSettings['guesses'],
): Parameters<typeof toAccess>[0] {
  if (groupCase === 'keep' && attributeCase === 'keep') return info;
  const attributes = new Map<string, string[]>();
  for (const [name, values] of Object.entries(info.authorizations)) {
    const held = inCase(name, attributeCase);
    attributes.set(held, [...(attributes.get(held) ?? []), ...values]);
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

/** @param status any but 200. */
export function judgeStatus(status: number): FailedAnswer {
  return { kind: kindOfStatus(status), status, detail: `status ${status}` };
}

function kindOfStatus(status: number): FailureKind {
  if (status === 404) return 'not-found';
  if (status === 401 || status === 403) return 'credentials-refused';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server-error' : 'other-status';
}
