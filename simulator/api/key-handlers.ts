// REST operations with API keys: exchanging a key for a token of its owner, or of a user whom the owner impersonates.
import type { UserName } from '../identities/identity-store.ts';
import type { Simulator } from '../open-simulator.ts';
import { ApiError } from './api-error.ts';
import type { Handler } from './handler.ts';

/** Returns the owner of a key. @throws {ApiError} 401 for an unknown key and for a disabled owner; the response does not reveal which. */
export function findKeyOwner({ apiKeys, identities }: Pick<Simulator, 'apiKeys' | 'identities'>, key: string) {
  const found = apiKeys.find(key);
  if (found === null || identities.users.get(found.user).disabled) {
    throw new ApiError(401, 'The API key is not valid.');
  }
  return found;
}

/** Returns whether a key is still valid for this user, who is its owner or a user whom the owner may impersonate. */
export function mayActAs({ apiKeys, identities }: Simulator, keyId: number, user: UserName): boolean {
  const owner = apiKeys.ownerOf(keyId);
  if (owner === null || identities.users.get(owner).disabled) return false;
  if (owner.iam === user.iam && owner.userid === user.userid) return true;
  return identities.users.find(user) !== null && findImpersonationFault({ identities }, owner, user) === null;
}

/**
 * Returns why one user may not impersonate another; null: the user may. Requires IMPERSONATE_USER and every permission of the other user:
 * impersonation must not extend the permissions of a user.
 */
function findImpersonationFault(
  { identities }: Pick<Simulator, 'identities'>,
  user: UserName,
  target: UserName,
): string | null {
  const permissionsOf = (name: UserName) =>
    new Set(identities.users.view(name).permissions.map((granted) => granted.name));
  const own = permissionsOf(user);
  if (!own.has('IMPERSONATE_USER')) return `${user.userid} needs the permission IMPERSONATE_USER.`;
  const lacking = [...permissionsOf(target)].filter((permission) => !own.has(permission));
  if (lacking.length === 0) return null;
  return `${user.userid} lacks permissions of ${target.userid}: ${lacking.join(', ')}. An impersonated user must not have more permissions than the impersonating user.`;
}

export const keyHandlers: Readonly<Record<string, Handler>> = {
  authenticate({ body }, { simulator, tokens }) {
    const { apikey } = body as { readonly apikey: string };
    const { id, user } = findKeyOwner(simulator, apikey);
    return {
      authenticated: true,
      token: tokens.create({ keyId: id, owner: user, caller: { user, actor: user.userid } }),
    };
  },
  impersonate({ body }, { simulator, tokens }) {
    const { apikey, userid, iamid } = body as { readonly apikey: string; userid: string; iamid: string };
    const { id, user: owner } = findKeyOwner(simulator, apikey);
    const user = { iam: iamid, userid };
    // Without the permission to impersonate, the response must not reveal whether a user exists.
    const isKnown = simulator.identities.users.find(user) !== null;
    const fault = findImpersonationFault(simulator, owner, isKnown ? user : owner);
    if (fault !== null) throw new ApiError(403, fault);
    const target = simulator.identities.users.get(user);
    if (target.disabled) throw new ApiError(409, `${userid} is disabled and cannot be impersonated.`);
    const actor = `${userid} (impersonated by ${owner.userid})`;
    return { authenticated: true, token: tokens.create({ keyId: id, owner, caller: { user, actor } }) };
  },
};
