// Owns groups and attribute values as sets, the form in which they are compared, merged and taken away.
import type { UserInfo } from '../../schemas/generated/user-info.ts';

/** What one origin gives to a user. A value is the text that `valueKey` makes of its attribute and itself. */
export interface Access {
  readonly groups: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

export const noAccess: Access = { groups: new Set(), values: new Set() };

/** Names that can be kept hold no NUL, so that it tells where one ends. */
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

/** What `one` has and `other` has not. */
export function without(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...one].filter((item) => !other.has(item));
}

export function toAccess(info: UserInfo): Access {
  const groups = new Set<string>();
  for (const { name } of info.groups) groups.add(name);
  const values = new Set<string>();
  for (const name of Object.keys(info.authorizations)) {
    for (const value of info.authorizations[name] ?? []) values.add(valueKey(name, value));
  }
  return { groups, values };
}

/** All in the order of their code units, so that equal access is equal text. */
export function toUserInfo({ groups, values }: Access): UserInfo {
  const authorizations = new Map<string, string[]>();
  for (const key of [...values].sort()) {
    const [name, value] = splitValueKey(key);
    const known = authorizations.get(name);
    if (known) known.push(value);
    else authorizations.set(name, [value]);
  }
  return {
    groups: [...groups].sort().map((name) => ({ name })),
    // fromEntries defines keys, so that an attribute named `__proto__` stays one.
    authorizations: Object.fromEntries(authorizations),
  };
}
