// Newer versions of Node that the tests run on, and the path of each. Needs no installed packages.
import { join } from 'node:path';

/** The container image is built on 22. */
export const newerNodeVersions = ['22.23.5', '24.22.3'];

/** The program; `node tests/install-tools.mjs` installs it. */
export function newerNode(version) {
  return join(import.meta.dirname, '../node_modules/.cache/nodes', version, 'node');
}
