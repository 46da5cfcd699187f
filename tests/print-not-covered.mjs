// Last step of `npm test`: prints the tests that were left out, and the command that runs them.
import { execFileSync } from 'node:child_process';

const list = ['ls-files', '--cached', '--others', '--exclude-standard', '*.services.test.ts'];
const cwd = new URL('..', import.meta.url);
const files = execFileSync('git', list, { cwd, encoding: 'utf8' }).split('\n').filter(Boolean);

process.stdout.write(`
npm test ran the tests that need only Node and git. It did not run ${files.length} files (*.services.test.ts):
  - services: OpenLDAP, Samba, 389 Directory Server, PostgreSQL, MySQL, MariaDB, Redis, nginx, HAProxy
  - programs: browsers, openssl, curl, sqlite3, other languages, Node 22 and 24, containers, Helm
  - long tests: each check with its fault, each fault of each backend, the guides, clean clones, soak

To run them: npm run test:services
It takes about 40 minutes. On Debian as root it installs what is missing; elsewhere it lists the programs.
`);
