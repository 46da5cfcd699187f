// Reference of the simulator's benchmark: undici alone, as a typical Node program uses it, with JSON.parse of each response.
import { Pool } from 'undici';
import { useridOf } from '../http/dataset.ts';
import type { PeerResult, PeerSetup } from './peer-setup.ts';

const { url, users, connections, authorization, tls } = JSON.parse(process.argv[2] ?? '') as PeerSetup;
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, connect: { ...tls } });
const headers = { accept: 'application/json', authorization };

/** Requests the groups of one user without a stream for the body, which would cost as much as everything else. */
function ask(user: number): Promise<unknown[]> {
  const path = `${pathname}?userid=${encodeURIComponent(useridOf(user))}`;
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { method: 'GET', path, headers },
      {
        onRequestStart: () => undefined,
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`answered with ${status}`));
        },
        onResponseData: (_controller, chunk) => chunks.push(chunk),
        onResponseEnd() {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve((JSON.parse(body) as { readonly groups: unknown[] }).groups);
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

let next = 0;
let answered = 0;
const startedAt = performance.now();
const asking = Array.from({ length: connections }, async () => {
  while (next < users) {
    const groups = await ask(next++);
    if (groups.length > 0) answered++;
  }
});
await Promise.all(asking);
const result: PeerResult = { answered, seconds: (performance.now() - startedAt) / 1000 };
await pool.destroy();
process.stdout.write(JSON.stringify(result));
