// Serves the console: the files of its bundle, which need no key and contain no data.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { ApiError } from './api-error.ts';

/** Where the build puts the bundle, beside this file's own. */
export const builtConsole = fileURLToPath(new URL('../console', import.meta.url));

/** `/` is the page. What is not there is left to others. @throws {ApiError} 503 for `/` when nothing was built. */
export function serveConsole(folder: string): Router {
  const router = express.Router();
  router.get('/', (_request, _response, next) => {
    if (!existsSync(join(folder, 'console.js'))) throw new ApiError(503, 'The console is not built: npm run build.');
    next();
  });
  for (const name of ['index.html', 'console.js', 'console.css']) {
    const paths = name === 'index.html' ? ['/'] : [`/${name}`];
    router.get(paths, (_request, response) => {
      // Asked for anew each time: after an update, an old script with a new server would fail oddly.
      response.sendFile(join(folder, name), { cacheControl: false, headers: { 'cache-control': 'no-cache' } });
    });
  }
  return router;
}
