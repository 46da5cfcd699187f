// Owns the administration listener: probes, metrics and version, on a port of its own.
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Express } from 'express';
import { kitVersion } from '../schemas/kit-version.ts';
import type { UserSource } from './adapters/user-source.ts';
import type { ServerMetrics } from './metrics.ts';

export interface AdministrationParts {
  readonly source: UserSource;
  readonly metrics: ServerMetrics;
  readonly isDraining: () => boolean;
  /** How long the source may take to say whether it can serve, in milliseconds. */
  readonly checkDeadlineMs: number;
}

/** What /readyz answers. Not ready: 503. Degraded: ready, on older data than there is. */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly reasons: readonly string[];
}

/**
 * Can the server answer? A source that serves its last good data because the newer is broken is `degraded`, not
 * `not-ready`: one bad file would take every replica away at once.
 */
async function readinessOf({ source, isDraining, checkDeadlineMs }: AdministrationParts): Promise<Readiness> {
  if (isDraining()) return { status: 'not-ready', reasons: ['The server is shutting down.'] };
  try {
    await Promise.race([source.check(), failAfter(checkDeadlineMs)]);
  } catch (error) {
    return { status: 'not-ready', reasons: [error instanceof Error ? error.message : String(error)] };
  }
  const staleReason = source.status?.().staleReason ?? null;
  return staleReason === null ? { status: 'ready', reasons: [] } : { status: 'degraded', reasons: [staleReason] };
}

/** A probe that waits for ever tells its caller nothing. */
async function failAfter(deadlineMs: number): Promise<never> {
  await sleep(deadlineMs, undefined, { ref: false });
  throw new Error(`The source did not say within ${deadlineMs} ms whether it can serve.`);
}

function createAdministrationApp(parts: AdministrationParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/readyz', async (_request, response) => {
    const readiness = await readinessOf(parts);
    response.status(readiness.status === 'not-ready' ? 503 : 200).json(readiness);
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await parts.metrics.render();
    response.type(contentType).send(text);
  });
  app.get('/version', (_request, response) => {
    response.json({ name: 'user-info-kit', version: kitVersion, node: process.version });
  });
  app.use((_request, response) => {
    response.status(404).json({ paths: ['/healthz', '/readyz', '/metrics', '/version'] });
  });
  return app;
}

/** Makes the listener; it does not listen yet. */
export function createAdministrationServer(parts: AdministrationParts): Server {
  return createServer(createAdministrationApp(parts));
}
