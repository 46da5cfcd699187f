// Software bill of materials in CycloneDX: what a user installs (`npm run sbom > user-info-kit.cdx.json`).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInProduction, projectRoot, readLockFile } from './production-packages.ts';

/**
 * Creates the bill of materials as npm writes it. With `--omit dev`, npm also omits packages of the kit that a development tool needs too, for
 * example Express. It therefore gets a copy of both files without development dependencies.
 *
 * @returns CycloneDX as JSON text.
 */
export function createSbom(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'user-info-sbom-'));
  try {
    const manifest = JSON.parse(readFileSync(new URL('package.json', projectRoot), 'utf8'));
    // npm names the component after its directory.
    const directory = join(scratch, manifest.name);
    mkdirSync(directory);
    const { packages, ...lockFile } = readLockFile();
    const { '': root, ...others } = packages;
    const kept = Object.entries(others).filter(([path, locked]) => isInProduction(path, locked));
    const withoutDevelopment = (description: object) => ({ ...description, devDependencies: {} });
    const write = (name: string, content: object) => writeFileSync(join(directory, name), JSON.stringify(content));
    write('package.json', withoutDevelopment(manifest));
    write('package-lock.json', {
      ...lockFile,
      packages: { '': withoutDevelopment(root ?? {}), ...Object.fromEntries(kept) },
    });
    const how = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
    return execFileSync('npm', how, { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 26 });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) process.stdout.write(createSbom());
