// Settings with which npm reaches its registry, for a process that has an empty home directory.
import { execFileSync } from 'node:child_process';

const proxyVariables = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
];

/** Returns environment variables: npm's registry and cache on this machine, and the machine's proxies. */
export function npmEnvironment(): Readonly<Record<string, string>> {
  const read = (key: string) => execFileSync('npm', ['config', 'get', key], { encoding: 'utf8' }).trim();
  const proxies = proxyVariables.flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  });
  return {
    npm_config_registry: read('registry'),
    npm_config_cache: read('cache'),
    ...Object.fromEntries(proxies),
  };
}
