// Administration listener on a separate port: probes, metrics, version, and the request to reload.
import { createServer } from 'node:http';
import express, { type Express, type Request } from 'express';
import type { AdministrationConfig } from '../../schemas/generated/loaded-server-config.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { authorityOf, bind } from '../http/bind.ts';
import { trackConnections } from '../http/open-connections.ts';
import type { ReloadOutcome } from '../reload/reload-state.ts';
import type { ServerLog } from './logger.ts';
import type { Readiness } from './readiness.ts';

export interface AdministrationParts {
  readiness(): Promise<Readiness>;
  /** Returns the metrics in the Prometheus text format. */
  metrics(): Promise<{ contentType: string; text: string }>;
  reload(): Promise<ReloadOutcome>;
  readonly logger: ServerLog['logger'];
}

const paths = ['/healthz', '/readyz', '/metrics', '/version', '/reload'];

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
    const readiness = await parts.readiness();
    response.status(readiness.status === 'not-ready' ? 503 : 200).json(readiness);
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await parts.metrics();
    response.type(contentType).send(text);
  });
  app.get('/version', (_request, response) => {
    response.json({ name: 'user-info-kit', version: kitVersion, node: process.version });
  });
  app.post('/reload', async (request, response) => {
    if (!isFromThisMachine(request)) {
      response.status(403).json({ outcome: 'refused', faults: ['Reloads are accepted from this machine only.'] });
      return;
    }
    const outcome = await parts.reload();
    response.status(outcome.outcome === 'reloaded' ? 200 : 409).json(outcome);
  });
  app.use((_request, response) => {
    response.status(404).json({ paths });
  });
  return app;
}

/**
 * Returns whether a request comes from this machine, and not from a web page. Any page can make a local browser send a request, but with a POST the
 * browser also sends an Origin header (Fetch,
 * 3.2).
 */
function isFromThisMachine({ socket, headers }: Request): boolean {
  return isLoopbackHost(socket.remoteAddress ?? '') && headers.origin === undefined;
}

export interface Administration {
  /** e.g. "http://127.0.0.1:9090". */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on the configured address; returns `null` if none is configured.
 *
 * @throws Node's error when the address cannot be bound.
 */
export async function openAdministration(
  config: AdministrationConfig | undefined,
  parts: AdministrationParts,
): Promise<Administration | null> {
  if (!config) return null;
  const server = createServer(createAdministrationApp(parts));
  const connections = trackConnections(server);
  await bind(server, config);
  if (!isLoopbackHost(config.host)) {
    parts.logger.warn(
      { host: config.host },
      'administration.host is not a loopback address: every host that reaches the port can read /metrics and /readyz without credentials. Restrict the port to your monitoring with a firewall or a network policy, or listen on 127.0.0.1.',
    );
  }
  return {
    url: `http://${authorityOf(server)}`,
    async close() {
      await connections.close(0);
    },
  };
}
