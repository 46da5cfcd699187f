// Newer versions of Node on which the tests run, and the path of each. Needs no installed packages.
import { join } from 'node:path';

/** The container image is based on Node 22. */
export const newerNodeVersions = ['22.23.5', '24.22.3'];

/** Returns the path of the program, which `node tests/install-tools.mjs` installs. */
export function newerNode(version) {
  return join(import.meta.dirname, '../node_modules/.cache/nodes', version, 'node');
}
