// Serves the files of the console's bundle, which require no key and contain no data.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { ApiError } from './api-error.ts';

/** Directory into which the build writes the bundle. */
export const builtConsole = fileURLToPath(new URL('../console', import.meta.url));

/** Serves the page at `/`, and passes unknown paths on. @throws {ApiError} 503 for `/` if the console was not built. */
export function serveConsole(directory: string): Router {
  const router = express.Router();
  router.get('/', (_request, _response, next) => {
    if (!existsSync(join(directory, 'console.js')))
      throw new ApiError(503, 'The console is not built. Run `npm run build`.');
    next();
  });
  for (const name of ['index.html', 'console.js', 'console.css']) {
    const paths = name === 'index.html' ? ['/'] : [`/${name}`];
    router.get(paths, (_request, response) => {
      // Always revalidated: an old script with a new server would fail in odd ways after an update.
      response.sendFile(join(directory, name), { cacheControl: false, headers: { 'cache-control': 'no-cache' } });
    });
  }
  return router;
}
