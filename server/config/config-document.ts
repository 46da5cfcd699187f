// Parser that converts YAML (and its subset JSON) into plain values with their positions.
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { OptionPath } from '../../schemas/server-config-schema.ts';
import { ConfigError, type ConfigFault, type ConfigPlace } from './config-error.ts';

/** Content of a file: maps, lists, strings, numbers, booleans and null, each with its position. */
export interface ConfigDocument {
  readonly value: unknown;
  /**
   * Returns a value's position: for a scalar, the position of the value; for a list or map, of its name; for a missing option, of the nearest
   * section.
   */
  placeOf(path: OptionPath): ConfigPlace;
  /** Returns the position of an option's name. */
  placeOfName(path: OptionPath): ConfigPlace;
}

/** Far more than a configuration needs, and far less than a few nested aliases can produce. */
const maxAliases = 100;
const maxDepth = 32;

interface Spot {
  readonly name: number;
  readonly value: number;
}

/**
 * Parses a text as YAML 1.2.
 *
 * @throws {ConfigError} with every syntax error; also for duplicate keys, tags, multiple documents, more than 100 aliases, and more than 32 nested
 * levels.
 */
export function parseConfigDocument(text: string, fileName: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const placeAt = (offset: number): ConfigPlace => {
    const { line, col } = lineCounter.linePos(offset);
    return { file: fileName, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults: ConfigFault[] = [];
  const addFault = (offset: number, message: string) => {
    faults.push({ ...placeAt(offset), path: '', message });
  };

  const document = parseYaml(text, fileName, lineCounter);
  // The parser's own messages quote the text, which may contain a secret, so only its codes are used.
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    addFault(pos[0], syntaxMessages[code] ?? otherSyntaxFault);
  }
  if (faults.length > 0) throw new ConfigError(faults);

  const spots = new Map<string, Spot>();
  let aliases = 0;

  /**
   * Returns the plain value of a node, and records its positions. `name`: position of the option's name; `open`: the enclosing nodes, to which an
   * alias must not refer.
   */
  function readNode(node: unknown, path: OptionPath, name: number, open: readonly Node[]): unknown {
    const start = isNode(node) ? (node.range?.[0] ?? name) : name;
    spots.set(JSON.stringify(path), { name, value: isScalar(node) && node.value !== null ? start : name });
    if (open.length > maxDepth) return refuse(start, `is nested deeper than ${maxDepth} levels`);
    if (isAlias(node)) {
      const target = node.resolve(document);
      aliases += 1;
      if (!target) return refuse(start, 'the alias refers to no anchor; quote a value that begins with *');
      if (open.includes(target)) return refuse(start, 'the alias refers to itself');
      if (aliases > maxAliases) return refuse(start, `more than ${maxAliases} aliases; write the values out`);
      return readNode(target, path, name, [...open, target]);
    }
    if (isMap(node)) {
      const entries: Array<[string, unknown]> = [];
      for (const { key, value } of node.items) {
        const keyStart = isNode(key) ? (key.range?.[0] ?? start) : start;
        if (!isScalar(key) || typeof key.value !== 'string') {
          refuse(keyStart, 'the name of an option must be a string; quote it');
        } else entries.push([key.value, readNode(value, [...path, key.value], keyStart, [...open, node])]);
      }
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const itemStart = isNode(item) ? (item.range?.[0] ?? start) : start;
        if (isPair(item)) return refuse(itemStart, 'only plain lists and maps are supported');
        return readNode(item, [...path, String(index)], itemStart, [...open, node]);
      });
    }
    const value = isScalar(node) ? node.value : null;
    if (typeof value === 'object' && value !== null)
      return refuse(start, 'only plain strings and numbers are supported');
    return value ?? null;
  }
  function refuse(offset: number, message: string): null {
    addFault(offset, message);
    return null;
  }

  const value = readNode(document.contents, [], 0, []);
  if (faults.length > 0) throw new ConfigError(faults);

  const nearest = (path: OptionPath): Spot =>
    spots.get(JSON.stringify(path)) ?? (path.length > 0 ? nearest(path.slice(0, -1)) : { name: 0, value: 0 });
  return {
    value,
    placeOf: (path) => placeAt(nearest(path).value),
    placeOfName: (path) => placeAt(nearest(path).name),
  };
}

function parseYaml(text: string, fileName: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
      logLevel: 'error',
    });
  } catch {
    // The parser is recursive; a text nested thousands of levels deep exhausts its stack.
    throw new ConfigError([{ file: fileName, line: 1, column: 1, path: '', message: 'is nested too deeply' }]);
  }
}

const otherSyntaxFault = 'is not valid YAML here; look for a missing quote, bracket, colon or line break';

/** Messages for the parser's codes. */
const syntaxMessages: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: 'an unknown escape (backslash) in double quotes; use single quotes',
  BAD_INDENT: 'the indentation does not match the surrounding lines',
  BAD_SCALAR_START: 'a value cannot begin with this character; quote it',
  BLOCK_AS_IMPLICIT_KEY: 'two colons in one line; quote the value',
  DUPLICATE_KEY: 'duplicate option; keep one of the two',
  MISSING_CHAR: 'a quote, bracket or comma is missing, or a space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing, or the indentation does not match the surrounding lines',
  MULTIPLE_DOCS: 'a second document begins here; a configuration is one document',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!) are not supported; quote a value that begins with !',
};
