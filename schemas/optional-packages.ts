// Packages that only some configurations and options need. They are optional peer dependencies, installed only if needed.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export type OptionalPackage = 'fast-check' | 'mysql2' | 'pg' | 'redis';

const found = new Set<OptionalPackage>();

/** Returns what to do if a package is not installed; `null` if it is installed. */
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
