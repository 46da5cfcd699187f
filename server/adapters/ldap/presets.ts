// Defaults for each vendor's directory: the options that a configuration may omit.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';

export type PresetName = LdapSourceConfig['preset'];
export type GroupStrategyName = NonNullable<LdapSourceConfig['groups']['strategy']>;

export interface Preset {
  /** Attributes of the user's entry that contain the userid. */
  readonly useridAttributes: readonly string[];
  /** Filter for the other attributes of a user's entry. */
  readonly userFilter: string;
  /** Evaluated for the user's entry; an entry that does not match is disabled. `null`: nobody is. */
  readonly enabledFilter: string | null;
  /**
   * Attribute that every user has and on which `enabledFilter` depends; an entry that does not show it cannot be evaluated. `null`: there is none.
   */
  readonly statusAttribute: string | null;
  readonly strategy: GroupStrategyName;
  /** Filter that group entries match, for searches. */
  readonly groupFilter: string;
  readonly memberAttribute: string;
  readonly groupName: string;
  /** Whether a user has a group that no membership attribute contains. */
  readonly primaryGroup: boolean;
}

export const presets: Readonly<Record<PresetName, Preset>> = {
  openldap: {
    useridAttributes: ['mail'],
    userFilter: '(objectClass=inetOrgPerson)',
    // The password policy overlay sets this attribute; without the overlay, entries never have it.
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
    // FreeIPA's memberOf is complete, including nested groups, but also contains roles and rules: `groups.base` keeps only the groups.
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
