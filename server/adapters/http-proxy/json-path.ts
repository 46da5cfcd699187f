// Finds a value in the upstream's JSON by JSON Pointer (RFC 6901) or by a compiled JMESPath expression.
import { compile, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';

/** A compiled path. Not found, and JSON's null, give `undefined`: to a mapping both say that there is no value. */
export interface JsonPath {
  readonly text: string;
  /** @throws {JsonPathFault} when the expression can't be applied to this value (a function of a wrong type). */
  find(value: unknown): unknown;
}

/** The path is none, or can't be applied. The message never has a part of the data. */
export class JsonPathFault extends Error {}

/** Long enough for any mapping; a bound on what the expression's parser may recurse. */
const maxExpressionLength = 2000;

/**
 * Compiles a path: empty or with a `/` in front it is a JSON Pointer, else a JMESPath expression.
 *
 * @throws {JsonPathFault} when it is neither.
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
        // Own keys only: `/constructor` is not what every object inherits.
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
