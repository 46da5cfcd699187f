// Path of an example of the package, from the source tree and from the built package.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param path below examples/, e.g. "csv-quickstart/users.csv". @returns its absolute path. */
export function exampleFile(path: string): string {
  const candidates = [`../examples/${path}`, `../../examples/${path}`].map((relative) =>
    fileURLToPath(new URL(relative, import.meta.url)),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`examples/${path} is missing: the installation is broken`);
  return found;
}
