// Packages that only some configurations and options need. They are optional peer dependencies: whoever needs one installs it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export type OptionalPackage = 'fast-check' | 'mysql2' | 'pg' | 'redis';

const found = new Set<OptionalPackage>();

/** Returns what to do when a package is not installed; `null` when it is. */
export function findMissingPackage(name: OptionalPackage): string | null {
  if (found.has(name)) return null;
  try {
    require.resolve(name);
    found.add(name);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return `needs the package ${name}: npm install ${name}`;
  }
}
