// Owns making a user out of what the upstream sent: by the mapping, or by the contract itself; every doubt is an error.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfoLenient } from '../../../schemas/validators.ts';
import { SourceError, type UserOrigins } from '../user-source.ts';
import { type JsonPath, JsonPathFault } from './json-path.ts';
import type { GroupsPlan, MappingPlan, ValuePlan } from './proxy-plan.ts';
import type { Page } from './walk-pages.ts';

/** What the two requests gave. */
export interface UserMaterial {
  /** The page that has the user's entry, and the entry. */
  readonly page: Page;
  readonly entry: unknown;
  /** Of the user request, that page among them. */
  readonly userPages: readonly Page[];
  /** Of the groups request; empty when none was sent. */
  readonly groupPages: readonly Page[];
}

/** A list that items were found in; `path` is where the user's entry has it, `null` for a page's own items. */
interface ItemList {
  readonly page: Page;
  readonly path: string | null;
  readonly length: number;
}

/** Where in the material something was found. Cheap to make: a text becomes of it only for `--explain`. */
export interface Place {
  /** What the path begins at: an item of a list, or the user's entry. */
  readonly list: ItemList;
  /** From 0; `null`: the user's entry. */
  readonly item: number | null;
  readonly path: string;
}

/** Collects a user. Groups and values that are there twice count once. */
export class UserParts {
  readonly groups = new Map<string, Place>();
  readonly values = new Map<string, Map<string, Place>>();
  /** Groups that `where` leaves out. */
  readonly dropped: Place[] = [];

  addGroup(name: string, place: Place): void {
    if (!this.groups.has(name)) this.groups.set(name, place);
  }

  addValue(authorization: string, value: string, place: Place): void {
    let known = this.values.get(authorization);
    if (known === undefined) {
      known = new Map();
      this.values.set(authorization, known);
    }
    if (!known.has(value)) known.set(value, place);
  }

  toUserInfo(): UserInfo {
    return {
      groups: [...this.groups.keys()].map((name) => ({ name })),
      // fromEntries defines keys, so that an attribute named `__proto__` stays one.
      authorizations: Object.fromEntries([...this.values].map(([name, values]) => [name, [...values.keys()]])),
    };
  }

  toOrigins(describe: (place: Place) => string): UserOrigins {
    return {
      groups: [...this.groups].map(([name, place]) => ({ name, origin: describe(place) })),
      authorizations: [...this.values].flatMap(([name, values]) =>
        [...values].map(([value, place]) => ({ name, value, origin: describe(place) })),
      ),
      ...(this.dropped.length > 0 && {
        dropped: this.dropped.map((place) => ({ found: describe(place), rule: 'mapping.groups.where' })),
      }),
    };
  }
}

/** Whether the user is enabled. @throws {SourceError} when that can't be told. */
export function isEnabled(entry: unknown, { enabled }: MappingPlan): boolean {
  if (enabled === null) return true;
  const value = find(enabled.path, entry, 'mapping.enabled');
  if (value === undefined && enabled.optional) return true;
  const text = scalarText(value);
  if (text !== null && enabled.values.includes(text)) return true;
  if (text !== null && enabled.disabledValues.includes(text)) return false;
  throw refuse('mapping.enabled', enabled.path, value === undefined ? 'no value' : 'a value that is in neither list');
}

/** @throws {SourceError} `bad-answer` when a path leads to nothing, or to a value of the wrong kind. */
export function mapUser({ page, entry, groupPages }: UserMaterial, mapping: MappingPlan): UserParts {
  const parts = new UserParts();
  for (const plan of mapping.groups) {
    if (plan.from === 'groups') for (const groupPage of groupPages) addGroups(parts, groupPage, groupPage.items, plan);
    else addGroups(parts, page, listInEntry(entry, plan), plan);
  }
  for (const plan of mapping.authorizations) {
    if (plan.from === 'user') addValues(parts, entry, { list: entryOf(page), item: null, path: plan.path.text }, plan);
    else {
      for (const groupPage of groupPages) {
        const list = { page: groupPage, path: null, length: groupPage.items.length };
        for (const [item, value] of groupPage.items.entries()) {
          addValues(parts, value, { list, item, path: plan.path.text }, plan);
        }
      }
    }
  }
  addAllAttributes(parts, page, entry, mapping);
  return parts;
}

/** An answer that is user info itself, by the lenient profile of the contract. @throws {SourceError} `bad-answer` when it is not. */
export function readUserInfo({ page, entry }: UserMaterial): UserParts {
  if (!validateUserInfoLenient(entry)) {
    throw new SourceError(
      'bad-answer',
      `The upstream's answer is no user info: ${describeSchemaErrors(validateUserInfoLenient.errors)}.`,
    );
  }
  const parts = new UserParts();
  const { groups, authorizations } = entry;
  const list = { page, path: '/groups', length: groups.length };
  for (let item = 0; item < groups.length; item++)
    parts.addGroup(groups[item]?.name ?? '', { list, item, path: '/name' });
  for (const name of Object.keys(authorizations)) {
    const place = { list: entryOf(page), item: null, path: `/authorizations/${name}` };
    for (const value of authorizations[name] ?? []) parts.addValue(name, value, place);
  }
  return parts;
}

function entryOf(page: Page): ItemList {
  return { page, path: null, length: page.items.length };
}

function listInEntry(entry: unknown, { list, optional }: GroupsPlan): readonly unknown[] {
  if (list === null) return [];
  const found = find(list, entry, 'mapping.groups');
  if (found === undefined && optional) return [];
  if (!Array.isArray(found)) throw refuse('mapping.groups', list, 'no list');
  return found;
}

function addGroups(parts: UserParts, page: Page, items: readonly unknown[], plan: GroupsPlan): void {
  const list = { page, path: plan.list?.text ?? null, length: items.length };
  for (const [index, item] of items.entries()) {
    if (plan.where !== null) {
      const text = scalarText(find(plan.where.path, item, 'mapping.groups.where'));
      if (text === null) throw refuse('mapping.groups.where', plan.where.path, 'no value');
      if (text !== plan.where.equals) {
        parts.dropped.push({ list, item: index, path: plan.where.path.text });
        continue;
      }
    }
    const name = find(plan.name, item, 'mapping.groups');
    if (typeof name !== 'string' || name === '') {
      throw refuse('mapping.groups', plan.name, 'no name of a group; is a permission to read it missing?');
    }
    parts.addGroup(name, { list, item: index, path: plan.name.text });
  }
}

function addValues(parts: UserParts, from: unknown, place: Place, plan: ValuePlan): void {
  const option = 'mapping.authorizations';
  const found = find(plan.path, from, option);
  if (found === undefined || found === '') {
    if (plan.optional) return;
    throw refuse(option, plan.path, 'no value; set optional if a user may have none');
  }
  for (const item of Array.isArray(found) ? found : [found]) {
    const text = plan.scalars ? scalarText(item) : item;
    if (typeof text !== 'string') throw refuse(option, plan.path, 'a value that is no text; see scalars');
    for (const value of plan.separator === null ? [text] : text.split(plan.separator)) {
      if (value === '') throw refuse(option, plan.path, 'an empty text among its values');
      parts.addValue(plan.authorization, value, place);
    }
  }
}

function addAllAttributes(parts: UserParts, page: Page, entry: unknown, { allAttributes }: MappingPlan): void {
  if (allAttributes === null) return;
  const option = 'mapping.allAttributes';
  const { path, optional } = allAttributes;
  const found = find(path, entry, option);
  if (found === undefined && optional) return;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw refuse(option, path, 'no map');
  for (const [name, values] of Object.entries(found)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (name === '' || typeof value !== 'string' || value === '') {
        throw refuse(option, path, 'an attribute whose values are not all texts');
      }
      parts.addValue(name, value, { list: entryOf(page), item: null, path: `${path.text}/${name}` });
    }
  }
}

/** Texts, true, false, and whole numbers that JSON.parse kept exactly. */
function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  return null;
}

function find(path: JsonPath, value: unknown, option: string): unknown {
  try {
    return path.find(value);
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error;
    throw refuse(option, path, 'a value that the expression can not be applied to');
  }
}

function refuse(option: string, { text }: JsonPath, what: string): SourceError {
  return new SourceError('bad-answer', `The upstream's answer has, at ${text || 'its top'} (${option}), ${what}.`);
}
