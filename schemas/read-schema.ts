// Reads the JSON schemas and other JSON files of this directory, in the source tree and in the built package.
import { readFileSync } from 'node:fs';

/** Reads and parses a JSON file of this directory, e.g. "user-info.schema.json". Throws if the package is damaged. */
export function readSchema(fileName: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(fileName, import.meta.url), 'utf8')) as Record<string, unknown>;
}
