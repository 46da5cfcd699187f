// Descriptions of a 200 body that is not valid user info: the position, what was expected, and what was found.
import type { ErrorObject } from 'ajv/dist/2020.js';
import {
  findAt,
  findFirstValueEnd,
  findTrailingCommas,
  isJson,
  nameType,
  withArticle,
  withoutTrailingCommas,
} from '../../schemas/json-text.ts';

/** Maximum length of a pointer, because an attribute name can be as long as the body. */
const maxPointerLength = 120;

/** Returns why a text is not JSON. The text is never quoted. */
export function describeInvalidJson(text: string): string {
  if (text.trim() === '') return 'the body is empty; expected a JSON object';
  if (text.trimStart().startsWith('<')) return 'the body is HTML or XML; expected JSON';
  const commas = findTrailingCommas(text);
  const [first] = commas;
  if (first !== undefined && isJson(withoutTrailingCommas(text, commas))) {
    const others = commas.length === 1 ? '' : ` and ${commas.length - 1} more`;
    return `the body is not JSON: trailing comma at ${describePlace(text, first)}${others}; JSON allows no comma before a closing bracket`;
  }
  if (/^\s*[[{]/.test(text) && findFirstValueEnd(text) === null) return 'the body ends before the JSON is complete';
  return 'the body is not JSON';
}

/**
 * Returns the error that a validator of user info found: JSON pointer, expectation, and the type that was found. Attribute names are part of a
 * pointer; values are never quoted.
 */
export function describeInvalidInfo(value: unknown, errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  return error === undefined ? 'the body is not valid user info' : describeError(value, error);
}

function describeError(value: unknown, { instancePath, keyword, params, message, propertyName }: ErrorObject): string {
  const at = (child?: string) => {
    const pointer =
      child === undefined ? instancePath : `${instancePath}/${child.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (pointer === '') return 'the body';
    return pointer.length > maxPointerLength ? `${pointer.slice(0, maxPointerLength)}…` : pointer;
  };
  const found = findAt(value, instancePath);
  switch (keyword) {
    case 'required':
      return `${at(params.missingProperty)}: expected ${expectedAt(`${instancePath}/${params.missingProperty}`)}, found nothing`;
    case 'type':
      return `${at()}: expected ${withArticle(String(params.type))}, found ${nameType(found)}`;
    case 'minLength':
      return `${at()}: expected ${propertyName === undefined ? 'a non-empty string' : 'non-empty attribute names'}, found an empty one`;
    case 'additionalProperties':
      return `${at(params.additionalProperty)}: expected no other key, found ${nameType((found as Record<string, unknown>)[params.additionalProperty])}`;
    default:
      return `${at()}: ${message ?? 'is invalid'}`;
  }
}

function expectedAt(pointer: string): string {
  if (pointer === '/groups') return 'an array';
  return pointer === '/authorizations' ? 'an object' : 'a string';
}

function describePlace(text: string, index: number): string {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return `line ${line}, column ${index - before.lastIndexOf('\n')}`;
}
