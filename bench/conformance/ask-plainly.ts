// Lower bound of the conformance benchmark: sends N plain requests for the known user and prints the duration in ms.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { ConformanceOptions } from '../../conformance/run-conformance.ts';

const [file = '', count = '0'] = process.argv.slice(2);
const {
  url,
  knownUsers = [],
  username,
  password,
  ca,
  cert,
  key,
} = JSON.parse(readFileSync(file, 'utf8')) as ConformanceOptions;

/** Sends one GET on its own connection, like the requests of checks. */
function ask(): Promise<void> {
  const target = `${url}?userid=${encodeURIComponent(knownUsers[0] ?? '')}`;
  const auth = username === undefined ? {} : { auth: `${username}:${password}` };
  return new Promise((resolve, reject) => {
    const take = (response: http.IncomingMessage) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().once('end', resolve);
    };
    const options = { ...auth, agent: false as const };
    const request = url.startsWith('https:')
      ? https.get(target, { ...options, ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) }, take)
      : http.get(target, options, take);
    request.once('error', reject);
  });
}

const start = performance.now();
for (let index = 0; index < Number(count); index++) await ask();
process.stdout.write(String(performance.now() - start));
