// Defaults for each vendor's directory: the options that a configuration may omit.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';

export type PresetName = LdapSourceConfig['preset'];
export type GroupStrategyName = NonNullable<LdapSourceConfig['groups']['strategy']>;

export interface Preset {
  /** Attributes of the user's entry that hold the userid. */
  readonly useridAttributes: readonly string[];
  /** What a user's entry has beside the userid. */
  readonly userFilter: string;
  /** Judged on the user's entry; an entry that does not match is disabled. `null`: nobody is. */
  readonly enabledFilter: string | null;
  /** What `enabledFilter` rests on and every user has: an entry that does not show it cannot be evaluated. `null`: there is no such attribute. */
  readonly statusAttribute: string | null;
  readonly strategy: GroupStrategyName;
  /** What a group's entry matches, in searches. */
  readonly groupFilter: string;
  readonly memberAttribute: string;
  readonly groupName: string;
  /** Whether a user has a group that stands in no membership attribute. */
  readonly primaryGroup: boolean;
}

export const presets: Readonly<Record<PresetName, Preset>> = {
  openldap: {
    useridAttributes: ['mail'],
    userFilter: '(objectClass=inetOrgPerson)',
    // Set by the password policy overlay; an entry of a server without it never has the attribute.
    enabledFilter: '(!(pwdAccountLockedTime=*))',
    statusAttribute: null,
    strategy: 'search',
    groupFilter: '(objectClass=groupOfNames)',
    memberAttribute: 'member',
    groupName: 'cn',
    primaryGroup: false,
  },
  '389ds': {
    useridAttributes: ['mail'],
    userFilter: '(objectClass=person)',
    enabledFilter: '(!(nsAccountLock=TRUE))',
    statusAttribute: null,
    strategy: 'memberOf',
    groupFilter: '(objectClass=groupOfNames)',
    memberAttribute: 'member',
    groupName: 'cn',
    primaryGroup: false,
  },
  freeipa: {
    useridAttributes: ['mail'],
    userFilter: '(objectClass=posixAccount)',
    enabledFilter: '(!(nsAccountLock=TRUE))',
    statusAttribute: null,
    // memberOf of FreeIPA is complete, nesting included, and has roles and rules in it: `groups.base` leaves the groups.
    strategy: 'memberOf',
    groupFilter: '(objectClass=ipaUserGroup)',
    memberAttribute: 'member',
    groupName: 'cn',
    primaryGroup: false,
  },
  'active-directory': {
    useridAttributes: ['userPrincipalName'],
    userFilter: '(objectClass=user)(!(objectClass=computer))',
    // Bit 2 is ACCOUNTDISABLE.
    enabledFilter: '(!(userAccountControl:1.2.840.113556.1.4.803:=2))',
    statusAttribute: 'userAccountControl',
    strategy: 'tokenGroups',
    groupFilter: '(objectClass=group)',
    memberAttribute: 'member',
    groupName: 'cn',
    primaryGroup: true,
  },
};
