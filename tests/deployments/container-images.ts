// Builds container images without a daemon (buildah), with substitutes for the two base images.
import { type ChildProcessByStdio, execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { scratchDirectory } from '../certificate-files.ts';
import { findProgram } from '../services/service-process.ts';

const run = promisify(execFile);

/** Names that the Dockerfile receives as ARGs. */
export const buildImage = 'localhost/stand-in-node';
export const runtimeImage = 'localhost/stand-in-distroless';

export interface ImageStore {
  /** Runs buildah on this store. @returns its output. @throws an error that contains its error output when it fails. */
  buildah(...arguments_: string[]): Promise<string>;
  /** Starts buildah on this store, as the leader of its own process group. */
  start(...arguments_: string[]): ChildProcessByStdio<null, Readable, Readable>;
}

/** Creates a store of images in its own directory. */
export function createImageStore(): ImageStore {
  const directory = scratchDirectory();
  const place = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs'];
  return {
    async buildah(...arguments_) {
      const { stdout } = await run('buildah', [...place, ...arguments_], { maxBuffer: 2 ** 26 });
      return stdout.trim();
    },
    start(...arguments_) {
      return spawn('buildah', [...place, ...arguments_], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    },
  };
}

/** Copies a program with the libraries to which it is linked. */
function copyProgram(root: string, program: string, to: string): void {
  const copy = (from: string, path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(realpathSync(from), join(root, path));
  };
  copy(program, to);
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, library = ''] of libraries) copy(library, library);
}

function readNpmSetting(name: string): string {
  return execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim();
}

/** npm's cache of this machine, for `--volume`. */
export const npmCacheVolume = `${readNpmSetting('cache')}:/npm-cache`;

/** Creates a substitute for node:22-bookworm-slim: Node, npm and a shell; npm reaches its registry as it does on this machine. */
function makeBuildRoot(): string {
  const root = scratchDirectory();
  copyProgram(root, process.execPath, '/usr/local/bin/node');
  for (const program of ['sh', 'env', 'chmod', 'mkdir', 'cp', 'rm'])
    copyProgram(root, findProgram(program), `/bin/${program}`);
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('/bin/env', join(root, 'usr/bin/env'));
  const npm = dirname(dirname(realpathSync(findProgram('npm'))));
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  const settings = [`registry=${readNpmSetting('registry')}`, 'cache=/npm-cache', 'prefer-offline=true'];
  const authorities = readNpmSetting('cafile');
  if (existsSync(authorities)) {
    mkdirSync(join(root, 'etc'));
    cpSync(authorities, join(root, 'etc/authorities.pem'));
    settings.push('cafile=/etc/authorities.pem');
  }
  mkdirSync(join(root, 'usr/local/etc'), { recursive: true });
  writeFileSync(join(root, 'usr/local/etc/npmrc'), settings.join('\n'));
  for (const directory of ['tmp', 'root', 'npm-cache']) mkdirSync(join(root, directory));
  return root;
}

/** Creates a substitute for gcr.io/distroless/nodejs22-debian12:nonroot: Node alone. */
function makeRuntimeRoot(): string {
  const root = scratchDirectory();
  copyProgram(root, process.execPath, '/nodejs/bin/node');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n');
  mkdirSync(join(root, 'tmp'), { mode: 0o1777 });
  return root;
}

export async function makeBaseImages(buildah: ImageStore['buildah']): Promise<void> {
  const roots = [
    [buildImage, makeBuildRoot()],
    [runtimeImage, makeRuntimeRoot()],
  ] as const;
  for (const [image, root] of roots) {
    // Makes the files readable for all users, regardless of the umask of the tests.
    execFileSync('chmod', ['-R', 'a+rX', root]);
    const container = await buildah('from', 'scratch');
    await buildah('add', container, root, '/');
    await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
    await buildah('commit', '--rm', container, image);
  }
}
