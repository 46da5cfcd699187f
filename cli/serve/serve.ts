// Command `user-info serve`: starts a server from a configuration, or with --dev without one, and stops it on a signal.
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { SourceError } from '../../server/adapters/user-source.ts';
import { ConfigError } from '../../server/config/config-error.ts';
import { openConfigOrigin } from '../../server/config/config-origin.ts';
import { logFatalError } from '../../server/observability/logger.ts';
import { type RunningServer, startServerFrom } from '../../server/start.ts';
import { WorkerStartFailure, workerVariable } from '../../server/workers/worker-messages.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';

interface ServeFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly workers?: string;
  readonly dev: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Serve the user info endpoint.')
    .option('--config <file>', 'configuration, YAML or JSON')
    .option('--host <address>', 'listen on this address (overrides listener.host)')
    .option('--port <number>', 'listen on this port; 0: any free port (overrides listener.port)', parsePort)
    .option(
      '--workers <number>',
      'number of worker processes, or auto: one per processor (overrides workers)',
      parseWorkers,
    )
    .option('--dev', 'for a trial: create certificates and a password, and serve sample users', false)
    .addHelpText(
      'after',
      `
Examples:
  $ user-info serve --dev                        a development server; prints commands to query and test it
  $ user-info serve --config user-info.yaml
  $ USER_INFO__LOGGING__LEVEL=warn user-info serve --config user-info.yaml --port 9443

On SIGHUP, or when a file changes, the server reloads the configuration and the files that it names, unless they are invalid; see
\`user-info reload\`. Changes to the host, the port and some other options require a restart. The server rejects a reload that would change them.
With one process, the configuration can be a pipe, such as <(envsubst < template.yaml). It is read once; a reload reads
only the files that it refers to.
On SIGTERM or Ctrl-C, the server completes requests in flight and exits with 0, within shutdown.drainMs and shutdown.deadlineMs.
During startup, it exits immediately with 0. A second signal stops it immediately (exit code 143 or 130).
Exit codes: 0 stopped by a signal, 2 invalid configuration, 3 source or port cannot be used, 70 internal error (see the log).
`,
    )
    .action(runServe);
}

async function runServe(flags: ServeFlags): Promise<void> {
  if (flags.config !== undefined && flags.dev) {
    throw invalidUsage('--config and --dev are mutually exclusive. Specify one of them.');
  }
  if (flags.config === undefined && !flags.dev) {
    throw invalidUsage('Specify --config FILE, or --dev for a development server with sample users.');
  }
  if (flags.dev && flags.workers !== undefined) {
    throw invalidUsage('--workers requires --config. The development server has one process.');
  }
  exitOnFatalErrors();
  if (process.env[workerVariable] !== undefined && flags.config !== undefined) {
    const { runWorker } = await import('../../server/workers/worker.ts');
    return runWorker(flags.config, environmentOf(flags), (error) => {
      const { message, exitCode = exitCodes.bug } = explainStartFailure(error) as CommandFailure;
      return { message, exitCode };
    });
  }
  const signal = nextSignal();
  const hangUp = flags.config === undefined ? null : followHangUps();
  // Loaded on demand: the code that creates certificates takes longer to load than the server.
  const dev = flags.config === undefined ? await import('./dev-setup.ts') : null;
  const setup = dev ? await dev.createDevSetup() : null;
  const started = await Promise.race([start(flags.config ?? setup?.configFile ?? '', flags), signal]);
  if (typeof started === 'string') {
    // Exits explicitly: the startup has open handles and may never finish.
    process.stderr.write(`user-info: stopped by ${started} before the server was ready.\n`);
    process.exit(exitCodes.ok);
  }
  hangUp?.(started);
  if (dev && setup) process.stdout.write(dev.describeDevSetup(setup, started.url));
  await signal;
  await started.stop();
  // A source that does not release a socket or a timer must not keep the process alive.
  setTimeout(() => process.exit(), exitGraceMs).unref();
}

/** Time allowed for writing pending output. */
const exitGraceMs = 1000;

async function start(configFile: string, flags: ServeFlags): Promise<RunningServer> {
  const environment = environmentOf(flags);
  try {
    const origin = await openConfigOrigin(configFile, environment);
    const reading = origin.read();
    const { workers } = reading.config;
    const count = workers === 0 ? availableParallelism() : workers;
    if (count === 1) return await startServerFrom(origin, reading);
    if (origin.file === null) {
      const text = `${configFile} is a pipe, and only one process can read a pipe. Write the configuration to a file, or use --workers 1.`;
      throw invalidUsage(text);
    }
    const { startFleet } = await import('../../server/workers/fleet.ts');
    return await startFleet(origin, reading, count);
  } catch (error) {
    throw explainStartFailure(error);
  }
}

/** Returns the process's own environment, and the flags that override it. */
function environmentOf({ host, port, workers }: ServeFlags): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(host !== undefined && { USER_INFO__LISTENER__HOST: host }),
    ...(port !== undefined && { USER_INFO__LISTENER__PORT: String(port) }),
    ...(workers !== undefined && { USER_INFO__WORKERS: workers }),
  };
}

function explainStartFailure(error: unknown): unknown {
  if (error instanceof ConfigError) return invalidUsage(error.message, { cause: error });
  if (error instanceof SourceError) return new CommandFailure(exitCodes.unreachable, error.message, { cause: error });
  if (error instanceof WorkerStartFailure) return new CommandFailure(error.exitCode, error.message, { cause: error });
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  // A worker's listener is bound by its primary.
  if (syscall === 'listen' || syscall === 'bind') {
    const remedies: Record<string, string> = {
      EADDRINUSE:
        'The port is already in use by another process. Stop that process, or choose another port with --port (0: any free port).',
      EACCES: 'Ports below 1024 require elevated privileges. Choose another port with --port.',
      EADDRNOTAVAIL: 'This machine does not have this address. Choose another with --host.',
    };
    const text = `Cannot listen: ${message}. ${remedies[code ?? ''] ?? ''}`.trim();
    return new CommandFailure(exitCodes.unreachable, text, { cause: error });
  }
  // Files that the configuration refers to are missing, unreadable or not PEM; the message contains the file name or OpenSSL's error.
  if (code !== undefined) {
    const text = `Cannot start: ${message}. Run \`user-info config check\` for details.`;
    return invalidUsage(text, { cause: error });
  }
  return error;
}

/** Exits on an uncaught exception, and thus on an unhandled rejection: the state of the process is unknown after either. */
function exitOnFatalErrors(): void {
  process.on('uncaughtException', (error, origin) => {
    if (!logFatalError(error, origin)) {
      process.stderr.write(`user-info: internal error. Please report it with this text:\n${error.stack ?? error}\n`);
    }
    process.exit(exitCodes.bug);
  });
}

/** Resolves at the first SIGTERM or SIGINT. A second signal stops the process at once, with the exit code that shells use for it. */
function nextSignal(): Promise<NodeJS.Signals> {
  const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = (signal: keyof typeof exitCodeOf) => {
      signals++;
      if (signals > 1) process.exit(exitCodeOf[signal]);
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}

/**
 * From now on, interprets SIGHUP as a request to reload. A signal that arrives before the server exists is not lost and does not stop the process.
 * The result is in the log.
 */
function followHangUps(): (server: RunningServer) => void {
  let isAsked = false;
  let reload = () => {
    isAsked = true;
  };
  process.on('SIGHUP', () => reload());
  return (server) => {
    reload = () => void server.reload();
    if (isAsked) reload();
  };
}

function parseWorkers(text: string): string {
  if (text === 'auto') return '0';
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Specify a number from 1 to 999, or auto.');
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Specify a port from 0 to 65535.');
  return port;
}
