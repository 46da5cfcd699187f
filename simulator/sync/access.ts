// Groups and attribute values of a user as sets, for comparing, merging and removing.
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** Access from one origin. Groups are identified by keys from `groupKey`, values by keys from `valueKey`. */
export interface Access {
  readonly groups: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

/** A group of a user. Without `iam`, the group belongs to the user's own IAM; groups of two IAMs can have the same name. */
export interface UserGroup {
  readonly name: string;
  readonly iam?: string;
}

/** User info in which each group names its IAM. */
export interface GroupedUserInfo extends Pick<UserInfo, 'authorizations'> {
  readonly groups: readonly UserGroup[];
}

export const noAccess: Access = { groups: new Set(), values: new Set() };

/** Returns a text that identifies a group: its name, and its IAM if that is not the user's own. Names contain no NUL. */
export function groupKey({ name, iam }: UserGroup): string {
  return iam === undefined ? name : `${name}\0${iam}`;
}

/** Returns the group that a key from `groupKey` identifies. */
export function splitGroupKey(key: string): UserGroup {
  const end = key.indexOf('\0');
  return end === -1 ? { name: key } : { name: key.slice(0, end), iam: key.slice(end + 1) };
}

/** Returns the group as shown in reports: "analysts", or "analysts (of bim)" if it belongs to another IAM. */
export function describeGroup({ name, iam }: UserGroup): string {
  return iam === undefined ? name : `${name} (of ${iam})`;
}

/** Returns a text that identifies a value of an attribute. Names contain no NUL. */
export function valueKey(name: string, value: string): string {
  return `${name}\0${value}`;
}

export function splitValueKey(key: string): readonly [name: string, value: string] {
  const end = key.indexOf('\0');
  return [key.slice(0, end), key.slice(end + 1)];
}

export function unite(...parts: readonly Access[]): Access {
  const [only = noAccess, ...others] = parts.filter((part) => !isNothing(part));
  if (others.length === 0) return only;
  return {
    groups: new Set(parts.flatMap(({ groups }) => [...groups])),
    values: new Set(parts.flatMap(({ values }) => [...values])),
  };
}

export function isNothing({ groups, values }: Access): boolean {
  return groups.size + values.size === 0;
}

export function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one.size !== other.size) return false;
  for (const item of one) if (!other.has(item)) return false;
  return true;
}

export function isSameAccess(one: Access, other: Access): boolean {
  return isSameSet(one.groups, other.groups) && isSameSet(one.values, other.values);
}

/** Returns the elements of `one` that are missing from `other`. */
export function without(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...one].filter((item) => !other.has(item));
}

export function toAccess(info: GroupedUserInfo): Access {
  const groups = new Set<string>();
  for (const group of info.groups) groups.add(groupKey(group));
  const values = new Set<string>();
  for (const name of Object.keys(info.authorizations)) {
    for (const value of info.authorizations[name] ?? []) values.add(valueKey(name, value));
  }
  return { groups, values };
}

/** Returns the access as user info, sorted by code units, so that equal access results in equal text. */
export function toUserInfo({ groups, values }: Access): GroupedUserInfo {
  const authorizations = new Map<string, string[]>();
  for (const key of [...values].sort()) {
    const [name, value] = splitValueKey(key);
    const known = authorizations.get(name);
    if (known) known.push(value);
    else authorizations.set(name, [value]);
  }
  return {
    groups: [...groups].sort().map(splitGroupKey),
    // fromEntries defines keys, so that an attribute named `__proto__` remains an attribute.
    authorizations: Object.fromEntries(authorizations),
  };
}
