// Finds a value in the upstream's JSON by JSON Pointer (RFC 6901) or by a compiled JMESPath expression.
import { compile, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';

/** A compiled path. Missing values and JSON's null result in `undefined`: for a mapping, both mean that there is no value. */
export interface JsonPath {
  readonly text: string;
  /** @throws {JsonPathFault} if the expression cannot be applied to this value (a function with a wrong type). */
  find(value: unknown): unknown;
}

/** The path is invalid, or cannot be applied. The message never contains any part of the data. */
export class JsonPathFault extends Error {}

/** Sufficient for any mapping; limits the recursion of the expression's parser. */
const maxExpressionLength = 2000;

/**
 * Compiles a path: an empty one or one with a leading `/` is a JSON Pointer, any other a JMESPath expression.
 *
 * @throws {JsonPathFault} if it is neither.
 */
export function compileJsonPath(text: string): JsonPath {
  return text === '' || text.startsWith('/') ? compilePointer(text) : compileExpression(text);
}

/** @throws {JsonPathFault} for a text that is not a JSON Pointer. */
export function compilePointer(text: string): JsonPath {
  if (text !== '' && !/^(\/([^~/]|~[01])*)+$/.test(text)) {
    throw new JsonPathFault('is not a JSON Pointer (RFC 6901), e.g. /profile/department');
  }
  const keys = text
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return {
    text,
    find(value) {
      let found = value;
      for (const key of keys) {
        // Only own keys count: `/constructor` must not find the property that every object inherits.
        if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
        if (Array.isArray(found) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
        found = (found as Record<string, unknown>)[key];
      }
      return found ?? undefined;
    },
  };
}

function compileExpression(text: string): JsonPath {
  if (text.length > maxExpressionLength) {
    throw new JsonPathFault(`is longer than ${maxExpressionLength} characters. Shorten it`);
  }
  let expression: ReturnType<typeof compile>;
  try {
    expression = compile(text);
  } catch (error) {
    throw new JsonPathFault(`is not a JMESPath expression: ${(error as Error).message}`);
  }
  return {
    text,
    find(value) {
      try {
        return TreeInterpreter.search(expression, value as JSONValue) ?? undefined;
      } catch {
        // The library's message may quote the data.
        throw new JsonPathFault('cannot be applied to what the upstream sent');
      }
    },
  };
}
