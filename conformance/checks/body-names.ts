// Finds names and values in a 200, even if it does not match the schema; skips what is not a string.

/** One string of user info. */
export interface UserName {
  readonly kind: 'a group name' | 'an attribute name' | 'a value';
  readonly text: string;
  /** The attribute of a value; otherwise empty. */
  readonly of: string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Returns every name and value that is a string, in the order of the body. */
export function findNames(userInfo: unknown): readonly UserName[] {
  if (!isObject(userInfo)) return [];
  const known = namesOf.get(userInfo) ?? listNames(userInfo);
  namesOf.set(userInfo, known);
  return known;
}

/** All checks of names search the same bodies. */
const namesOf = new WeakMap<object, readonly UserName[]>();

function listNames(userInfo: Record<string, unknown>): readonly UserName[] {
  const groups = listOf(userInfo.groups).flatMap((group) => {
    const text = isObject(group) ? group.name : group;
    return typeof text === 'string' ? [{ kind: 'a group name', text, of: '' } as const] : [];
  });
  const attributes = isObject(userInfo.authorizations) ? Object.entries(userInfo.authorizations) : [];
  return [
    ...groups,
    ...attributes.flatMap(([of, values]) => [
      { kind: 'an attribute name', text: of, of: '' } as const,
      ...listOf(values).flatMap((text) => (typeof text === 'string' ? [{ kind: 'a value', text, of } as const] : [])),
    ]),
  ];
}
