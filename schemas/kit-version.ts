// Version of the kit, from package.json.
import { existsSync, readFileSync } from 'node:fs';

function readVersion(): string {
  // package.json is one directory up in the source tree and two in the built package.
  const candidates = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const found = candidates.find((url) => existsSync(url));
  if (!found) throw new Error('package.json of user-info-kit is missing. Install user-info again.');
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}

/** e.g. "0.1.0" */
export const kitVersion = readVersion();
