// Merges a configuration with its preset and validates the result.
import type { LdapSourceConfig, LdifSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { invalidOptions, type OptionFault } from '../adapter.ts';
import { type GroupStrategyName, presets } from './presets.ts';
import { parseDn, type RelativeName } from './wire/distinguished-name.ts';
import {
  attributesOf,
  createFilterTemplate,
  FilterSyntaxError,
  type FilterTemplate,
  type LdapFilter,
  matchAnyUserid,
  parseFilter,
} from './wire/ldap-filter.ts';

/** Options shared by `ldap` and `ldif`. */
export type MappingConfig = Pick<LdapSourceConfig | LdifSourceConfig, 'preset' | 'user' | 'groups' | 'authorizations'>;
export type AuthorizationConfig = MappingConfig['authorizations'][number];

export interface UserSettings {
  readonly base: string;
  readonly scope: 'one' | 'sub';
  readonly useridAttributes: readonly string[];
  readonly filterFor: FilterTemplate;
  /** Matches the users that `filterFor` matches, regardless of their userid. */
  readonly anyUserFilter: LdapFilter;
  /** `null`: no user is disabled. */
  readonly enabledFilter: LdapFilter | null;
  /** The preset's filter if the configuration replaced it; `null`: it was not replaced. */
  readonly replacedFilter: string | null;
  /** Attributes in the configured filter: if one were misspelled, no user would be disabled. */
  readonly enabledAttributes: readonly string[];
  /** An entry that does not show this attribute cannot be evaluated by `enabledFilter`; `null`: every entry can. */
  readonly statusAttribute: string | null;
  readonly caseInsensitive: boolean;
}

export interface GroupSettings {
  readonly strategy: GroupStrategyName;
  /** Base of group searches and, with memberOf, of the groups to keep; empty: memberOf keeps all groups. */
  readonly base: string;
  readonly scope: 'one' | 'sub';
  /** For searches. */
  readonly filter: LdapFilter;
  /** Whether the configuration itself contains the filter, so groups that were not found by a search have to be read and evaluated. */
  readonly isFilterGiven: boolean;
  readonly memberAttribute: string;
  /** `dn`, or the attribute of the user's entry with which groups identify their members. */
  readonly memberValue: string;
  /** `dn`, `sid`, or an attribute of the group. */
  readonly name: string;
  readonly primaryGroup: boolean;
  readonly maxDepth: number;
  readonly maxGroups: number;
  /** Rules that drop and rename groups, applied in this order. */
  readonly rules: GroupRules;
}

export interface GroupRules {
  /** A group must be below one of them; empty: anywhere. */
  readonly bases: readonly (readonly RelativeName[])[];
  readonly include: RegExp | null;
  readonly exclude: RegExp | null;
  readonly rename: ReadonlyArray<{ readonly pattern: RegExp; readonly replacement: string }>;
  readonly letterCase: 'keep' | 'lower' | 'upper';
}

export interface AuthorizationSettings extends Omit<AuthorizationConfig, 'pattern'> {
  readonly pattern: RegExp | null;
}

export interface DirectorySettings {
  readonly user: UserSettings;
  readonly groups: GroupSettings;
  readonly authorizations: readonly AuthorizationSettings[];
  /** Attributes of a user's entry to read. */
  readonly userAttributes: readonly string[];
}

const needsBase: ReadonlySet<GroupStrategyName> = new Set(['search', 'inChain', 'recursive', 'tokenGroups']);

/** @throws {SourceError} `unavailable`, with every error of the options. */
export function assertSettings(config: MappingConfig): DirectorySettings {
  const { settings, faults } = resolveSettings(config);
  if (settings === null) throw invalidOptions(faults);
  return settings;
}

/** Combines the options with the preset's. Returns all errors at once; if there are any, `settings` is `null`. */
export function resolveSettings(config: MappingConfig): { settings: DirectorySettings | null; faults: OptionFault[] } {
  const faults: OptionFault[] = [];
  const read = <Value>(option: string, make: () => Value): Value | null => {
    try {
      return make();
    } catch (error) {
      faults.push({ option, message: describeTrouble(error) });
      return null;
    }
  };
  const { user, groups } = config;
  const preset = presets[config.preset];
  const strategy = groups.strategy ?? preset.strategy;
  const useridAttributes = user.attributes ?? preset.useridAttributes;
  if (useridAttributes.length === 0) faults.push({ option: 'user.attributes', message: 'contains no attribute' });
  if (needsBase.has(strategy) && groups.base === undefined) {
    faults.push({ option: 'groups', message: `strategy ${strategy} needs base, the base of the group search` });
  }
  if (config.preset === 'freeipa' && strategy === 'memberOf' && groups.base === undefined) {
    const message =
      'needs base, for example cn=groups,cn=accounts,dc=example,dc=com: memberOf also lists roles and rules';
    faults.push({ option: 'groups', message });
  }
  const memberValue = groups.memberValue ?? 'dn';
  if (memberValue !== 'dn' && strategy !== 'search') {
    faults.push({
      option: 'groups.memberValue',
      message: `must be dn with the strategy ${strategy}: only the strategy search supports other values`,
    });
  }
  if (groups.name === 'sid' && strategy === 'memberOf' && config.preset !== 'active-directory') {
    faults.push({ option: 'groups.name', message: 'must not be sid, which only Active Directory has' });
  }
  for (const [option, base] of [['user.base', user.base] as const, ['groups.base', groups.base] as const]) {
    if (base !== undefined && parseDn(base) === null) faults.push({ option, message: 'is not a distinguished name' });
  }
  const parsedBases = groups.bases.map((base) => parseDn(base));
  if (parsedBases.includes(null))
    faults.push({ option: 'groups.bases', message: 'contains a value that is not a distinguished name' });
  if (strategy === 'memberOf' && groups.base !== undefined) parsedBases.push(parseDn(groups.base));

  const filterText = user.filter ?? userFilterOf(preset.userFilter, useridAttributes);
  const filterFor = read('user.filter', () => createFilterTemplate(filterText));
  const { enabledFilter: enabledText, replacePresetEnabledFilter: isReplacing } = user;
  const presetEnabled = isReplacing || preset.enabledFilter === null ? null : parseFilter(preset.enabledFilter);
  const ownEnabled = enabledText ? read('user.enabledFilter', () => parseFilter(enabledText)) : null;
  if (enabledText === '' && !isReplacing) {
    const message =
      "is empty and adds nothing to the preset's filter. Leave it out, or set source.user.replacePresetEnabledFilter: true to serve locked accounts";
    faults.push({ option: 'user.enabledFilter', message });
  }
  if (isReplacing && enabledText === undefined) {
    const message =
      'needs source.user.enabledFilter, which replaces the filter of the preset. With an empty filter, all users are enabled';
    faults.push({ option: 'user.replacePresetEnabledFilter', message });
  }
  const enabledFilter: LdapFilter | null =
    presetEnabled && ownEnabled ? { kind: 'and', filters: [presetEnabled, ownEnabled] } : (presetEnabled ?? ownEnabled);
  const filter = read('groups.filter', () => parseFilter(groups.filter ?? preset.groupFilter));
  const pattern = (option: string, text: string | undefined) =>
    text === undefined ? null : read(option, () => new RegExp(text, 'u'));
  const include = pattern('groups.include', groups.include);
  const exclude = pattern('groups.exclude', groups.exclude);
  const rename = groups.rename.map(({ pattern: text, replacement }, index) => ({
    pattern: pattern(`groups.rename[${index}].pattern`, text) ?? /^/u,
    replacement,
  }));
  const authorizations = config.authorizations.map((authorization, index) => ({
    ...authorization,
    pattern: pattern(`authorizations[${index}].pattern`, authorization.pattern),
  }));
  if (faults.length > 0 || filterFor === null || filter === null) return { settings: null, faults };

  const primaryGroup =
    (groups.primaryGroup ?? preset.primaryGroup) && strategy !== 'tokenGroups' && strategy !== 'none';
  const settings: DirectorySettings = {
    user: {
      base: user.base,
      scope: user.scope,
      useridAttributes,
      filterFor,
      anyUserFilter: matchAnyUserid(parseFilter(filterText)),
      enabledFilter,
      replacedFilter: isReplacing ? preset.enabledFilter : null,
      enabledAttributes: ownEnabled === null ? [] : attributesOf(ownEnabled),
      statusAttribute: isReplacing ? null : preset.statusAttribute,
      caseInsensitive: user.caseInsensitive,
    },
    groups: {
      strategy,
      base: groups.base ?? '',
      scope: groups.scope,
      filter,
      isFilterGiven: groups.filter !== undefined,
      memberAttribute: groups.memberAttribute ?? preset.memberAttribute,
      memberValue,
      name: groups.name ?? preset.groupName,
      primaryGroup,
      maxDepth: groups.maxDepth,
      maxGroups: groups.maxGroups,
      rules: {
        bases: parsedBases.filter((base) => base !== null),
        include,
        exclude,
        rename,
        letterCase: groups.case,
      },
    },
    authorizations,
    userAttributes: unique([
      ...useridAttributes,
      ...(enabledFilter === null ? [] : attributesOf(enabledFilter)),
      ...authorizations.flatMap(({ attribute }) => (attribute === undefined || attribute === 'dn' ? [] : [attribute])),
      ...(strategy === 'memberOf' ? ['memberOf'] : []),
      ...(memberValue === 'dn' ? [] : [memberValue]),
      ...(primaryGroup ? ['objectSid', 'primaryGroupID'] : []),
    ]),
  };
  return { settings, faults };
}

/** Returns a warning for operators if the settings serve locked accounts; `null`: they do not. */
export function describeReplacedFilter({ user }: DirectorySettings): string | null {
  if (user.replacedFilter === null) return null;
  return `source.user.replacePresetEnabledFilter is set, so ${user.replacedFilter} is not applied and accounts that are locked in the directory are served`;
}

function userFilterOf(objectFilter: string, attributes: readonly string[]): string {
  const alternatives = attributes.map((attribute) => `(${attribute}={userid})`).join('');
  return `(&${objectFilter}${attributes.length > 1 ? `(|${alternatives})` : alternatives})`;
}

function describeTrouble(error: unknown): string {
  if (error instanceof FilterSyntaxError) return `is not a valid filter (RFC 4515): ${error.message}`;
  if (error instanceof SyntaxError) return 'is not a valid JavaScript regular expression';
  throw error;
}

/** Returns each name once, ignoring letter case: a server returns an attribute once even if it is requested twice. */
function unique(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}
