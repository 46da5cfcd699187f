// Reader of a user in the upstream's responses: by the mapping, or by the contract itself; every ambiguity is an error.
import { describeSchemaErrors, validateUserInfoLenient } from '../../../schemas/validators.ts';
import { SourceError } from '../user-source.ts';
import { type JsonPath, JsonPathFault } from './json-path.ts';
import type { GroupsPlan, MappingPlan, ValuePlan } from './proxy-plan.ts';
import { findContradiction, listSignsInEntry, listSignsInUserInfo, type Sign } from './signs-of-more.ts';
import type { ItemList, UserCollector } from './user-collectors.ts';
import type { Page } from './walk-pages.ts';

/** Results of the two requests. */
export interface UserMaterial {
  /** The page with the user's entry, and the entry. */
  readonly page: Page;
  readonly entry: unknown;
  /** Pages of the user request, including that page. */
  readonly userPages: readonly Page[];
  /** Pages of the groups request; empty if none was sent. */
  readonly groupPages: readonly Page[];
}

/** Returns whether the user is enabled. @throws {SourceError} if that cannot be determined. */
export function isEnabled(entry: unknown, { enabled }: MappingPlan): boolean {
  if (enabled === null) return true;
  const value = find(enabled.path, entry, 'mapping.enabled');
  if (value === undefined && enabled.optional) return true;
  const text = scalarText(value);
  if (text !== null && enabled.values.includes(text)) return true;
  if (text !== null && enabled.disabledValues.includes(text)) return false;
  throw refuse('mapping.enabled', enabled.path, value === undefined ? 'no value' : 'a value that is in neither list');
}

/** @throws {SourceError} `bad-answer` if a path finds nothing, or a value of the wrong type. */
export function mapUser(
  { page, entry, groupPages }: UserMaterial,
  mapping: MappingPlan,
  collector: UserCollector,
): void {
  for (const plan of mapping.groups) {
    if (plan.from === 'user') addGroups(collector, page, listInEntry(entry, plan), plan);
    else for (const groupPage of groupPages) addGroups(collector, groupPage, groupPage.items, plan);
  }
  for (const plan of mapping.authorizations) {
    if (plan.from === 'user') addValues(collector, entry, entryOf(page), null, plan);
    else {
      for (const groupPage of groupPages) {
        const { items } = groupPage;
        const list = { page: groupPage, path: null, length: items.length };
        for (let item = 0; item < items.length; item++) addValues(collector, items[item], list, item, plan);
      }
    }
  }
  addAllAttributes(collector, page, entry, mapping);
}

/**
 * Reads a response that is user info itself, according to the lenient profile of the contract. @throws {SourceError} `bad-answer` if the response is
 * not such user info.
 */
export function readUserInfo({ page, entry }: UserMaterial, collector: UserCollector): void {
  if (!validateUserInfoLenient(entry)) {
    throw new SourceError(
      'bad-answer',
      `The upstream's response is not valid user info: ${describeSchemaErrors(validateUserInfoLenient.errors)}.`,
    );
  }
  const { groups, authorizations } = entry;
  assertWhole(listSignsInUserInfo(entry), groups.length, 'groups');
  const list = { page, path: '/groups', length: groups.length };
  for (let item = 0; item < groups.length; item++) collector.addGroup(groups[item]?.name ?? '', list, item, '/name');
  const whole = entryOf(page);
  for (const name of Object.keys(authorizations)) {
    const path = `/authorizations/${name}`;
    for (const value of authorizations[name] ?? []) collector.addValue(name, value, whole, null, path);
  }
}

function entryOf(page: Page): ItemList {
  return { page, path: null, length: page.items.length };
}

function listInEntry(entry: unknown, { list, optional }: GroupsPlan): readonly unknown[] {
  if (list === null) return [];
  const found = find(list, entry, 'mapping.groups');
  assertWholeInEntry(entry, list, found, 'mapping.groups');
  if (found === undefined && optional) return [];
  if (!Array.isArray(found)) throw refuse('mapping.groups', list, 'no list');
  return found;
}

function addGroups(collector: UserCollector, page: Page, items: readonly unknown[], plan: GroupsPlan): void {
  const list = { page, path: plan.list?.text ?? null, length: items.length };
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (plan.where !== null) {
      const text = scalarText(find(plan.where.path, item, 'mapping.groups.where'));
      if (text === null) throw refuse('mapping.groups.where', plan.where.path, 'no value');
      if (text !== plan.where.equals) {
        collector.drop(list, index, plan.where.path.text);
        continue;
      }
    }
    const name = find(plan.name, item, 'mapping.groups');
    if (typeof name !== 'string' || name === '') {
      throw refuse('mapping.groups', plan.name, 'no group name; the permission to read it may be missing');
    }
    collector.addGroup(name, list, index, plan.name.text);
  }
}

function addValues(
  collector: UserCollector,
  from: unknown,
  list: ItemList,
  index: number | null,
  plan: ValuePlan,
): void {
  const option = 'mapping.authorizations';
  const found = find(plan.path, from, option);
  assertWholeInEntry(from, plan.path, found, option);
  if (found === undefined || found === '') {
    if (plan.optional) return;
    throw refuse(option, plan.path, 'no value; set optional if users may have none');
  }
  for (const item of Array.isArray(found) ? found : [found]) {
    const text = plan.scalars ? scalarText(item) : item;
    if (typeof text !== 'string')
      throw refuse(option, plan.path, 'a value that is not a string; set scalars to accept booleans and integers');
    for (const value of plan.separator === null ? [text] : text.split(plan.separator)) {
      if (value === '') throw refuse(option, plan.path, 'an empty string among its values');
      collector.addValue(plan.authorization, value, list, index, plan.path.text);
    }
  }
}

function addAllAttributes(collector: UserCollector, page: Page, entry: unknown, { allAttributes }: MappingPlan): void {
  if (allAttributes === null) return;
  const option = 'mapping.allAttributes';
  const { path, optional } = allAttributes;
  const found = find(path, entry, option);
  if (found === undefined && optional) return;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw refuse(option, path, 'no map');
  const list = entryOf(page);
  for (const [name, values] of Object.entries(found)) {
    const place = `${path.text}/${name}`;
    for (const value of Array.isArray(values) ? values : [values]) {
      if (name === '' || typeof value !== 'string' || value === '') {
        throw refuse(option, path, 'an attribute with an empty name, or with a value that is empty or not a string');
      }
      collector.addValue(name, value, list, null, place);
    }
  }
}

/** @throws {SourceError} `bad-answer`: a list inside the entry has further pages of its own, which are not requested. */
function assertWholeInEntry(entry: unknown, list: JsonPath, found: unknown, option: string): void {
  if (found !== undefined && !Array.isArray(found)) return;
  assertWhole(listSignsInEntry(entry, list), found?.length ?? 0, `${list.text || 'the top level'} (${option})`);
}

function assertWhole(signs: readonly Sign[], items: number, place: string): void {
  const contradiction = findContradiction(signs, { items, pages: 1 });
  if (contradiction === null) return;
  throw new SourceError(
    'bad-answer',
    `The upstream's response indicates that the list at ${place} is incomplete: ${contradiction}. Read this list with a separate, paginated request, or make the upstream send all of it.`,
  );
}

/** Returns the text of a string, a boolean, or an integer that JSON.parse represents exactly; `null` for anything else. */
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
    throw refuse(option, path, 'a value that the expression cannot be applied to');
  }
}

function refuse(option: string, { text }: JsonPath, what: string): SourceError {
  return new SourceError(
    'bad-answer',
    `In the upstream's response, ${text || 'the top level'} (${option}) has ${what}.`,
  );
}
