// Collects the data of a user, either as user info or as an explanation with origins.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { UserOrigins } from '../user-source.ts';
import type { Page } from './walk-pages.ts';

/** A list in which items were found; `path` is its path in the user's entry, `null` for a page's own items. */
export interface ItemList {
  readonly page: Page;
  readonly path: string | null;
  readonly length: number;
}

/** Origin of a value in the responses. */
export interface Place {
  /** Start of the path: an item of a list, or the user's entry. */
  readonly list: ItemList;
  /** From 0; `null`: the user's entry. */
  readonly item: number | null;
  readonly path: string;
}

/**
 * Receives a user's data with its origin: list, item and path of a Place. Only an explanation converts the origin to objects. Duplicate groups and
 * values count once.
 */
export interface UserCollector {
  addGroup(name: string, list: ItemList, item: number | null, path: string): void;
  addValue(authorization: string, value: string, list: ItemList, item: number | null, path: string): void;
  /** Receives an item that `where` excludes. */
  drop(list: ItemList, item: number | null, path: string): void;
}

/** Collects a user for a response. */
export class UserInfoCollector implements UserCollector {
  readonly #groups: string[] = [];
  readonly #values = new Map<string, string[]>();

  addGroup(name: string): void {
    this.#groups.push(name);
  }

  addValue(authorization: string, value: string): void {
    const known = this.#values.get(authorization);
    if (known) known.push(value);
    else this.#values.set(authorization, [value]);
  }

  drop(): void {}

  toUserInfo(): UserInfo {
    const authorizations: Record<string, string[]> = {};
    for (const [name, values] of this.#values) {
      if (name !== '__proto__') authorizations[name] = distinct(values);
      // Setting this key would set the prototype.
      else Object.defineProperty(authorizations, name, { value: distinct(values), enumerable: true });
    }
    return { groups: distinct(this.#groups).map((name) => ({ name })), authorizations };
  }
}

/** Returns each text once. */
function distinct(texts: string[]): string[] {
  // Most attributes have one or two values, for which a Set is expensive.
  if (texts.length < 2 || (texts.length === 2 && texts[0] !== texts[1])) return texts;
  const once = new Set(texts);
  return once.size === texts.length ? texts : [...once];
}

/** Collects the origins of a user's groups and values, for an explanation. */
export class OriginsCollector implements UserCollector {
  readonly #groups = new Map<string, Place>();
  readonly #values = new Map<string, Map<string, Place>>();
  readonly #dropped: Place[] = [];

  addGroup(name: string, list: ItemList, item: number | null, path: string): void {
    if (!this.#groups.has(name)) this.#groups.set(name, { list, item, path });
  }

  addValue(authorization: string, value: string, list: ItemList, item: number | null, path: string): void {
    const known = this.#values.get(authorization) ?? new Map<string, Place>();
    this.#values.set(authorization, known);
    if (!known.has(value)) known.set(value, { list, item, path });
  }

  drop(list: ItemList, item: number | null, path: string): void {
    this.#dropped.push({ list, item, path });
  }

  toOrigins(describe: (place: Place) => string): UserOrigins {
    return {
      groups: [...this.#groups].map(([name, place]) => ({ name, origin: describe(place) })),
      authorizations: [...this.#values].flatMap(([name, values]) =>
        [...values].map(([value, place]) => ({ name, value, origin: describe(place) })),
      ),
      ...(this.#dropped.length > 0 && {
        dropped: this.#dropped.map((place) => ({ found: describe(place), rule: 'mapping.groups.where' })),
      }),
    };
  }
}
