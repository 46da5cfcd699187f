// Adapter `static`: users in the configuration itself.
import { EncodedUserInfo } from '../../../schemas/encoded-user-info.ts';
import type { StaticSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { LookUpSource, UserOrigins } from '../user-source.ts';

/**
 * Creates a source of the users in the configuration. It cannot fail, because the configuration was validated when it was loaded. Duplicate groups
 * and values are returned once. The configuration's schema has the same requirements for a user as the contract has for a response. Therefore, the
 * bytes of each response are created here, once.
 */
export function createStaticSource(config: StaticSourceConfig): LookUpSource {
  // A Map, so that users named `__proto__` or `constructor` are ordinary users.
  const users = new Map<string, string>();
  for (const [userid, user] of Object.entries(config.users)) {
    if (user.disabled) continue;
    const answer: UserInfo = {
      groups: [...new Set(user.groups)].map((name) => ({ name })),
      // fromEntries defines keys, so that an attribute named `__proto__` remains an attribute.
      authorizations: Object.fromEntries(
        Object.entries(user.authorizations).map(([name, values]) => [name, [...new Set(values)]]),
      ),
    };
    users.set(userid, Buffer.from(JSON.stringify(answer)).toString('latin1'));
  }
  const loadedAtMs = Date.now();
  const findUserInMemory = (userid: string) => {
    const json = users.get(userid);
    return json === undefined ? null : new EncodedUserInfo(json);
  };
  return {
    answersFromMemory: true,
    takesLookUpSignal: true,
    findUserInMemory,
    async findUser(userid) {
      return findUserInMemory(userid);
    },
    isDisabled: async (userid) => Object.hasOwn(config.users, userid) && config.users[userid]?.disabled === true,
    async explainUser(userid) {
      const found = findUserInMemory(userid);
      if (found !== null) return originsOf(found);
      const reason = Object.hasOwn(config.users, userid)
        ? 'marks this user as disabled'
        : 'does not contain this userid';
      return { absent: `source.users of the configuration ${reason}`, groups: [], authorizations: [] };
    },
    async check() {},
    async close() {},
    status: () => ({ users: users.size, generation: 1, loadedAtMs, staleReason: null }),
  };
}

function originsOf(user: UserInfo): UserOrigins {
  const origin = 'the configuration, source.users';
  return {
    groups: user.groups.map(({ name }) => ({ name, origin })),
    authorizations: Object.entries(user.authorizations).flatMap(([name, values]) =>
      values.map((value) => ({ name, value, origin })),
    ),
  };
}
