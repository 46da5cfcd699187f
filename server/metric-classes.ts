// Owns loading the four classes of prom-client that a server starts with. Its index loads OpenTelemetry and the metrics of the process too.
import { createRequire } from 'node:module';

type Library = typeof import('prom-client');

const require = createRequire(import.meta.url);

export const Counter: Library['Counter'] = require('prom-client/lib/counter');
export const Gauge: Library['Gauge'] = require('prom-client/lib/gauge');
export const Histogram: Library['Histogram'] = require('prom-client/lib/histogram');
export const Registry: Library['Registry'] = require('prom-client/lib/registry');
