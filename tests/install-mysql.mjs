// Installs MySQL from Debian `unstable`, with the libraries for which it was built, into a directory. No other Debian release contains MySQL.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Target directory; the machine's own packages are not changed. */
const mysqlDirectory = join(import.meta.dirname, '../node_modules/.cache/mysql');
const brought = join(mysqlDirectory, 'mysqld');

/** The files of the packages that a server needs. */
const keptPaths = ['usr/sbin/mysqld', 'usr/lib', 'usr/share/mysql'];

/** A program of another release runs only with that release's loader and libraries. */
const wrapper = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
libraries=$(dirname "$here"/usr/lib/*/libc.so.6)
exec "$libraries"/ld-linux-*.so.* --library-path "$libraries" "$here/usr/sbin/mysqld" "$@" --lc-messages-dir="$here/usr/share/mysql"
`;

/** Returns the installed program, or a `mysqld` on the PATH that is not MariaDB under the name of MySQL; `null`: there is none. */
export function findMysql() {
  if (existsSync(brought)) return brought;
  const { status, stdout } = spawnSync('mysqld', ['--version'], { encoding: 'utf8' });
  return status === 0 && !stdout.includes('MariaDB') ? 'mysqld' : null;
}

/**
 * @param run starts a program with its arguments, and ends this process when the program fails.
 * @param directory an empty directory for downloads; the caller removes it.
 */
export function installMysql(run, directory) {
  const own = (name) => join(directory, name);
  for (const name of ['lists/partial', 'cache/archives/partial', 'root']) mkdirSync(own(name), { recursive: true });
  // No package is treated as installed, so that all libraries are included.
  writeFileSync(own('status'), '');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(own('sources.list'), `deb [signed-by=${keys}] http://deb.debian.org/debian unstable main\n`);
  const options = [
    `Dir::State=${directory}`,
    `Dir::State::lists=${own('lists')}`,
    `Dir::State::status=${own('status')}`,
    `Dir::Cache=${own('cache')}`,
    `Dir::Etc::sourcelist=${own('sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::Log=${directory}`,
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', ...options, 'update');
  run('apt-get', ...options, 'install', '-y', '--no-install-recommends', '--download-only', 'mysql-server-core');
  const archives = readdirSync(own('cache/archives')).filter((name) => name.endsWith('.deb') && !/perl/.test(name));
  for (const name of archives) run('dpkg', '-x', join(own('cache/archives'), name), own('root'));
  writeFileSync(own('root/mysqld'), wrapper, { mode: 0o755 });
  rmSync(mysqlDirectory, { recursive: true, force: true });
  mkdirSync(mysqlDirectory, { recursive: true });
  for (const path of keptPaths) {
    mkdirSync(dirname(join(mysqlDirectory, path)), { recursive: true });
    cpSync(own(`root/${path}`), join(mysqlDirectory, path), { recursive: true, verbatimSymlinks: true });
  }
  // The program is copied last, because only a complete installation counts.
  cpSync(own('root/mysqld'), brought);
}
