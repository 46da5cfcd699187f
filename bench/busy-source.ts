// Source whose lookups keep the processor busy, as a module for a configuration.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the module to the directory. @returns the `source` value for a configuration. */
export function writeBusySource(
  directory: string,
  lookUpMs: number,
): { readonly type: 'module'; readonly path: string } {
  const path = join(directory, 'busy-source.mjs');
  writeFileSync(
    path,
    `export default () => ({
  async findUser() {
    const until = performance.now() + ${lookUpMs};
    while (performance.now() < until);
    return { groups: [{ name: 'engineering' }], authorizations: {} };
  },
  async check() {},
  async close() {},
});\n`,
  );
  return { type: 'module', path };
}
