// Tests the Dockerfile: buildah builds the image from a clean copy of the tree, and runs it as the image specifies, as an unprivileged user.
import { type ChildProcessByStdio, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { askOrRefused } from '../ask-server.ts';
import { builtProgram } from '../built-program.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { readMarkedBlocks } from '../marked-blocks.ts';
import { findFreePort } from '../services/service-process.ts';
import { buildImage, createImageStore, makeBaseImages, npmCacheVolume, runtimeImage } from './container-images.ts';

const projectRoot = join(import.meta.dirname, '../..');
const image = 'localhost/user-info';
const buildTimeoutMs = 600_000;
const nobody = 65_532;

interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Copies tracked and new files, without build output. */
function copyTree(): string {
  const directory = scratchDirectory();
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: projectRoot, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files.filter((name) => existsSync(join(projectRoot, name)))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(directory, file));
  }
  return directory;
}

/** Creates the mounted directory with the commands of the guide; only the ports differ. */
function writeMounts(commands: string, ports: { listener: number; administration: number }): string {
  const home = scratchDirectory();
  // The user of the image must be able to read it.
  for (const directory of [dirname(home), home]) chmodSync(directory, 0o755);
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'user-info'), `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n`, {
    mode: 0o755,
  });
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: home, LANG: 'C.UTF-8' };
  execFileSync('bash', ['-euc', commands], { cwd: home, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const made = join(home, 'user-info-container');
  const file = join(made, 'etc/user-info.yaml');
  const text = readFileSync(file, 'utf8')
    .replace('port: 8443', `port: ${ports.listener}`)
    .replace('port: 9090', `port: ${ports.administration}`);
  writeFileSync(file, text);
  chmodSync(made, 0o755);
  return made;
}

async function waitUntilReady(url: string, server: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
  }
  while (server.exitCode === null) {
    const answer = await askOrRefused(url);
    if (typeof answer !== 'string' && answer.status === 200) return;
    await sleep(100);
  }
  throw new Error(`the container ended with ${server.exitCode}: ${said}`);
}

describe('the container image', () => {
  const { buildah, start } = createImageStore();
  let config: ImageConfig;
  let container: string;
  let root: string;

  before(async function () {
    this.timeout(buildTimeoutMs);
    await makeBaseImages(buildah);
    const dockerfile = 'examples/deployments/container/Dockerfile';
    const how = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--layers=false'];
    const bases = ['--build-arg', `BUILD_IMAGE=${buildImage}`, '--build-arg', `RUNTIME_IMAGE=${runtimeImage}`];
    const files = ['--file', dockerfile, '--ignorefile', `${dockerfile}.dockerignore`, '--volume', npmCacheVolume];
    await buildah('build', ...how, ...bases, ...files, '--tag', image, copyTree());
    config = JSON.parse(await buildah('inspect', '--type', 'image', image)).Docker.config;
    container = await buildah('from', '--pull-never', image);
    root = await buildah('mount', container);
  });

  after(() => buildah('umount', container));

  it('contains no shell, no package manager and no development files', () => {
    for (const path of ['bin/sh', 'usr/bin/env', 'usr/local/bin/npm', 'app/tests', 'app/server', 'app/.git']) {
      expect(existsSync(join(root, path)), path).to.equal(false);
    }
    const { dependencies } = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8'));
    const isInstalled = (name: string) => existsSync(join(root, 'app/node_modules', name));
    expect(Object.keys(dependencies).filter((name) => !isInstalled(name))).to.deep.equal([]);
    // The drivers are optional in an installation, but not in the image.
    expect(['pg', 'mysql2', 'redis'].filter(isInstalled)).to.have.length(3);
    expect(['typescript', 'tsx', '@biomejs/biome', 'c8'].filter(isInstalled)).to.deep.equal([]);
  });

  it('runs as an unprivileged user, is healthy, and does not write to its file system', async () => {
    const ports = { listener: await findFreePort(), administration: await findFreePort() };
    const [commands = '', asking = ''] = readMarkedBlocks(
      'docs/guides/deploy.md',
      'tests/deployments/container.services.test.ts',
    );
    const made = writeMounts(commands, ports);
    const marker = join(scratchDirectory(), 'marker');
    writeFileSync(marker, '');
    // buildah uses the image's user and directory, but needs the command as an argument.
    const inContainer = [
      'run',
      '--isolation',
      'chroot',
      '--volume',
      `${join(made, 'etc')}:/etc/user-info:ro`,
      container,
      '--',
    ];
    const uid = await buildah(...inContainer, ...config.Entrypoint.slice(0, 1), '--print', 'process.getuid()');
    expect([config.User, uid]).to.deep.equal([`${nobody}:${nobody}`, String(nobody)]);

    const server = start(...inContainer, ...config.Entrypoint, ...config.Cmd);
    try {
      await waitUntilReady(`http://127.0.0.1:${ports.administration}/readyz`, server);
      const atPort = asking.replace(':8443/', `:${ports.listener}/`);
      const answer = execFileSync('bash', ['-euc', atPort], { cwd: made, encoding: 'utf8' });
      expect(JSON.parse(answer).groups.map(({ name }: { name: string }) => name)).to.include('analysts');
      const [kind, ...healthCheck] = config.Healthcheck.Test;
      expect(kind).to.equal('CMD');
      const here = healthCheck.map((part) => part.replace(':9090/', `:${ports.administration}/`));
      await buildah(...inContainer, ...here);
      const elsewhere = healthCheck.map((part) => part.replace(':9090/', ':1/'));
      const failure = await buildah(...inContainer, ...elsewhere).catch((error: Error) => error);
      expect(failure, 'the health check of a server that is not there').to.be.an('error');
    } finally {
      // Stops the whole process group: buildah, its wrapper processes, and the program.
      if (server.exitCode === null && server.signalCode === null) {
        process.kill(-(server.pid ?? 0), 'SIGTERM');
        await once(server, 'exit');
      }
    }
    const written = execFileSync('find', [join(root, 'app'), '-newer', marker, '-type', 'f'], { encoding: 'utf8' });
    expect(written).to.equal('');
  }).timeout(buildTimeoutMs);
});
