// OpenTelemetry tracing as a hook of the server: node --import ./opentelemetry.mjs …/user-info serve --config user-info.yaml
//
//   npm install @opentelemetry/sdk-trace-node @opentelemetry/instrumentation @opentelemetry/instrumentation-http \
//     @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources
//
// Spans go where OpenTelemetry's own variables specify: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

process.env.OTEL_SERVICE_NAME ??= 'user-info';

const provider = new NodeTracerProvider({
  resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({
      // The userid is personal data, and a trace is stored in more places than a log.
      redactedQueryParamsServer: ['userid'],
      redactedQueryParams: ['userid'],
      // Otherwise, most spans would come from probes and scrapes.
      ignoreIncomingRequestHook: ({ url = '' }) => /^\/(?:healthz|readyz|metrics|version)$/.test(url),
    }),
  ],
});

// The instrumentation changes the exports that both modules share with every importer; it does so when they are first required.
const require = createRequire(import.meta.url);
require('node:http');
require('node:https');

// Buffered spans are exported before the process ends.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => provider.forceFlush().catch(() => undefined));
process.once('beforeExit', () => provider.shutdown().catch(() => undefined));
