// Owns the command `user-info serve`: from a configuration, or from nothing with --dev, to a server that ends on a signal.
import { type Command, InvalidArgumentError } from 'commander';
import { SourceError } from '../server/adapters/user-source.ts';
import { ConfigError } from '../server/config/config-error.ts';
import { loadConfig } from '../server/config/load-config.ts';
import { type RunningServer, startServer } from '../server/start.ts';
import { createDevSetup, describeDevSetup } from './dev-setup.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

interface ServeFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly dev: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Serve the user info endpoint.')
    .option('--config <file>', 'configuration, YAML or JSON')
    .option('--host <address>', 'listen on this address (overrides listener.host)')
    .option('--port <number>', 'listen on this port, 0 for a free one (overrides listener.port)', parsePort)
    .option('--dev', 'try it: certificates, a password and sample users are made for you', false)
    .addHelpText(
      'after',
      `
Examples:
  $ user-info serve --dev                        a server to try, and the lines to ask and test it
  $ user-info serve --config user-info.yaml
  $ USER_INFO__LOGGING__LEVEL=warn user-info serve --config user-info.yaml --port 9443

SIGTERM or Ctrl-C: requests under way are finished, then it ends with 0. A second one ends it at once (143, 130).
Exit codes: 0 ended by a signal, 2 the configuration is wrong, 3 the source or the port can't be used.
`,
    )
    .action(runServe);
}

async function runServe(flags: ServeFlags): Promise<void> {
  if (flags.config !== undefined && flags.dev) {
    throw new CommandFailure(exitCodes.usage, 'Give --config or --dev, not both.');
  }
  if (flags.config === undefined && !flags.dev) {
    throw new CommandFailure(exitCodes.usage, 'Give --config FILE; or --dev to try it with sample users.');
  }
  const signal = nextSignal();
  const setup = flags.config === undefined ? await createDevSetup() : null;
  const server = await start(flags.config ?? setup?.configFile ?? '', flags);
  if (setup) process.stdout.write(describeDevSetup(setup, server.url));
  await signal;
  await server.stop();
}

async function start(configFile: string, { host, port }: ServeFlags): Promise<RunningServer> {
  const environment = {
    ...process.env,
    ...(host !== undefined && { USER_INFO__LISTENER__HOST: host }),
    ...(port !== undefined && { USER_INFO__LISTENER__PORT: String(port) }),
  };
  try {
    return await startServer(loadConfig(configFile, environment));
  } catch (error) {
    throw explainStartFailure(error);
  }
}

function explainStartFailure(error: unknown): unknown {
  if (error instanceof ConfigError) return new CommandFailure(exitCodes.usage, error.message, { cause: error });
  if (error instanceof SourceError) return new CommandFailure(exitCodes.unreachable, error.message, { cause: error });
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === 'listen') {
    const cures: Record<string, string> = {
      EADDRINUSE: 'Something listens there already: end it, or give another --port (0 takes a free one).',
      EACCES: 'Ports below 1024 need a privilege: give another --port.',
      EADDRNOTAVAIL: 'This machine has no such address: give another --host.',
    };
    const text = `Can't listen: ${message}. ${cures[code ?? ''] ?? ''}`.trim();
    return new CommandFailure(exitCodes.unreachable, text, { cause: error });
  }
  // Files of the configuration that are gone, unreadable or no PEM; the message names the file or OpenSSL's complaint.
  if (code !== undefined) {
    const text = `Can't start: ${message}. \`user-info config check\` says more.`;
    return new CommandFailure(exitCodes.usage, text, { cause: error });
  }
  return error;
}

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once, with the shell's code for it. */
function nextSignal(): Promise<void> {
  const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = (signal: keyof typeof exitCodeOf) => {
      signals++;
      if (signals > 1) process.exit(exitCodeOf[signal]);
      resolve();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a port, 0 to 65535.');
  return port;
}
