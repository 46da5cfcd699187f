// Options that a running server cannot change, since they belong to sockets and files opened at start.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { displayPath, type OptionPath } from '../../schemas/server-config-schema.ts';
import { certificateRequestOf } from '../auth/create-authentication.ts';
import type { ConfigFault } from '../config/config-error.ts';
import type { ConfigReading } from '../config/read-config.ts';

interface FixedOption {
  readonly path: OptionPath;
  /** Returns the option's value; a changed value requires a restart. */
  read(config: LoadedServerConfig): unknown;
}

const fixedOptions: readonly FixedOption[] = [
  { path: ['listener', 'host'], read: ({ listener }) => listener.host },
  { path: ['listener', 'port'], read: ({ listener }) => listener.port },
  { path: ['listener', 'tls'], read: ({ listener }) => listener.tls !== undefined },
  { path: ['listener', 'headersTimeoutMs'], read: ({ listener }) => listener.headersTimeoutMs },
  { path: ['listener', 'maxHeaderBytes'], read: ({ listener }) => listener.maxHeaderBytes },
  { path: ['listener', 'maxHeaderCount'], read: ({ listener }) => listener.maxHeaderCount },
  // Whether TLS requests certificates is decided when the listener is created.
  { path: ['authentication', 'mode'], read: certificateRequestOf },
  { path: ['administration'], read: ({ administration }) => JSON.stringify(administration) },
  { path: ['workers'], read: ({ workers }) => workers },
  { path: ['logging', 'destination'], read: ({ logging }) => logging.destination },
  { path: ['audit'], read: ({ audit }) => audit?.file },
  { path: ['audit', 'fsync'], read: ({ audit }) => audit?.fsync ?? false },
];

/** Returns an error for each change in a configuration that a reload cannot apply. */
export function findFixedChanges(inUse: LoadedServerConfig, { config, placeOf }: ConfigReading): ConfigFault[] {
  return fixedOptions
    .filter(({ read }) => read(inUse) !== read(config))
    .map(({ path }) => ({
      ...placeOf(path),
      path: displayPath(path),
      message: `cannot be changed while the server is running${path[1] === 'mode' ? ' if the new mode turns client certificate requests on or off' : ''}. Restart the server, or restore the old value`,
    }));
}
