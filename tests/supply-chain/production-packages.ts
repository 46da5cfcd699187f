// Packages that a user of the kit installs, with their licenses, from the lock file.
import { readFileSync } from 'node:fs';

export interface LockedPackage {
  readonly version: string;
  /** SPDX expression, as declared by the package; missing if the license is declared elsewhere or nowhere. */
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; `null`: the license is unknown. */
  readonly licence: string | null;
  readonly runsInstallScript: boolean;
}

export const projectRoot = new URL('../..', import.meta.url);

/** Older packages whose package.json has no field `license`, with the file that contains the license. */
export const saidElsewhere: Readonly<Record<string, { readonly licence: string; readonly file: string }>> = {
  'passport-http': { licence: 'MIT', file: 'LICENSE' },
  'passport-strategy': { licence: 'MIT', file: 'LICENSE' },
  pause: { licence: 'MIT', file: 'Readme.md' },
};

/** Licenses that require only attribution. */
const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Zlib',
]);

/** Evaluates an SPDX expression without nested parentheses: with OR, at least one part has to be permissive; with AND, every part. */
function isPermissive(expression: string): boolean {
  const bare = expression.replace(/^\((.*)\)$/, '$1');
  const isOne = (licence: string) => permissive.has(licence);
  return bare.includes(' OR ') ? bare.split(' OR ').some(isOne) : bare.split(' AND ').every(isOne);
}

/** Packages under another license, each with the reason why the license is no burden for users of the kit. */
export const accepted: Readonly<Record<string, { readonly licence: string; readonly reason: string }>> = {
  '@jmespath-community/jmespath': {
    licence: 'MPL-2.0',
    reason: 'Copyleft for its own files only: it is used as published, alongside code under any licence.',
  },
};

/**
 * Packages whose code is shipped with the kit and not installed separately: the console's bundle. A test builds the bundle and compares its packages
 * with this list.
 */
export const bundled: readonly string[] = ['preact'];

/** @throws when the lock file lacks one of the packages or its license. */
export function listBundledPackages(): readonly ProductionPackage[] {
  const { packages } = readLockFile();
  return bundled.map((name) => {
    const { version, license, hasInstallScript = false } = packages[`node_modules/${name}`] ?? { version: '' };
    if (license === undefined) throw new Error(`nothing is known of the licence of ${name}`);
    return { name, version, licence: license, runsInstallScript: hasInstallScript };
  });
}

export function readLockFile(): LockFile {
  return JSON.parse(readFileSync(new URL('package-lock.json', projectRoot), 'utf8')) as LockFile;
}

/** Returns whether an installation with `--omit=dev` includes the package. */
export function isInProduction(path: string, locked: LockedPackage): boolean {
  return path !== '' && locked.dev !== true && locked.devOptional !== true;
}

/** Returns the packages that `npm ci --omit=dev` installs, each version once, sorted by name. */
export function listProductionPackages(): readonly ProductionPackage[] {
  const found = new Map<string, ProductionPackage>();
  for (const [path, locked] of Object.entries(readLockFile().packages)) {
    if (!isInProduction(path, locked)) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(`${name}@${locked.version}`, {
      name,
      version: locked.version,
      licence: locked.license ?? saidElsewhere[name]?.licence ?? null,
      runsInstallScript: locked.hasInstallScript ?? false,
    });
  }
  const inOrder = (one: ProductionPackage, other: ProductionPackage) =>
    one.name < other.name ? -1 : one.name > other.name ? 1 : one.version < other.version ? -1 : 1;
  return [...found.values()].sort(inOrder);
}

/** @returns the packages whose license is neither permissive nor accepted by name. */
export function findUnacceptable(packages: readonly ProductionPackage[]): readonly ProductionPackage[] {
  return packages.filter(
    ({ name, licence }) => licence === null || !(isPermissive(licence) || accepted[name]?.licence === licence),
  );
}
