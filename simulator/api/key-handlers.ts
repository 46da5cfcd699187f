// Owns the operations on API keys: from a key to a token, in one's own name or another's.
import type { UserName } from '../identities/identity-store.ts';
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

/** Whether a key may still be used, and in the name of this user: its owner's own, or another's with IMPERSONATE_USER. */
export function mayActAs({ apiKeys, identities }: Simulator, keyId: number, { iam, userid }: UserName): boolean {
  const owner = apiKeys.ownerOf(keyId);
  if (owner === null || identities.users.get(owner).disabled) return false;
  return (owner.iam === iam && owner.userid === userid) || mayImpersonate({ identities }, owner);
}

function mayImpersonate({ identities }: Pick<Simulator, 'identities'>, user: UserName): boolean {
  return identities.users.view(user).permissions.some(({ name }) => name === 'IMPERSONATE_USER');
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
    if (!mayImpersonate(simulator, user)) throw new ApiError(403, `${user.userid} needs IMPERSONATE_USER.`);
    const target = simulator.identities.users.get({ iam: iamid, userid });
    if (target.disabled) throw new ApiError(409, `${userid} is disabled: there is nothing to impersonate.`);
    const actor = `${userid} (impersonated by ${user.userid})`;
    return { authenticated: true, token: tokens.create(id, { user: { iam: iamid, userid }, actor }) };
  },
};
