// Owns the operations on API keys: from a key to a token, in one's own name or another's.
import type { Simulator } from '../open-simulator.ts';
import { ApiError } from './api-error.ts';
import type { Handler } from './handler.ts';

/** Whose key it is. @throws {ApiError} 401 for nobody's, and for that of somebody disabled: which of them is not told. */
export function findKeyOwner({ apiKeys, identities }: Pick<Simulator, 'apiKeys' | 'identities'>, key: string) {
  const found = apiKeys.find(key);
  if (found === null || identities.users.get(found.user).disabled) {
    throw new ApiError(401, 'The API key is not valid.');
  }
  return found;
}

export const keyHandlers: Readonly<Record<string, Handler>> = {
  authenticate({ body }, { simulator, tokens }) {
    const { apikey } = body as { readonly apikey: string };
    const { id, user } = findKeyOwner(simulator, apikey);
    return { authenticated: true, token: tokens.create(id, { user, actor: user.userid }) };
  },
  impersonate({ body }, { simulator, tokens }) {
    const { apikey, userid, iamid } = body as { readonly apikey: string; userid: string; iamid: string };
    const { id, user } = findKeyOwner(simulator, apikey);
    const { users } = simulator.identities;
    if (!users.view(user).permissions.some(({ name }) => name === 'IMPERSONATE_USER')) {
      throw new ApiError(403, `${user.userid} needs IMPERSONATE_USER.`);
    }
    const target = users.get({ iam: iamid, userid });
    if (target.disabled) throw new ApiError(409, `${userid} is disabled: there is nothing to impersonate.`);
    const actor = `${userid} (impersonated by ${user.userid})`;
    return { authenticated: true, token: tokens.create(id, { user: { iam: iamid, userid }, actor }) };
  },
};
