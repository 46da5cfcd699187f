// Command `user-info learn observe`: serves a configuration as usual, and writes a profile of what the requests reveal about the platform.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { makeVisible } from '../../schemas/printable-text.ts';
import { SourceError } from '../../server/adapters/user-source.ts';
import { ConfigError } from '../../server/config/config-error.ts';
import { openConfigOrigin } from '../../server/config/config-origin.ts';
import { startServerFrom } from '../../server/start.ts';
import { createRequestObserver } from '../../simulator/learn/observe-requests.ts';
import { createPlatformProfile } from '../../simulator/learn/platform-profile.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { replaceFile } from '../replace-file.ts';
import { printText } from '../text-table.ts';
import { type IntermediaryFlags, readIntermediary, readPlatformAddresses } from './intermediary-options.ts';

interface ObserveFlags extends IntermediaryFlags {
  readonly config: string;
  readonly seconds: string;
  readonly platformVersion?: string;
  readonly out: string;
}

/** Documented at https://nodejs.org/api/diagnostics_channel.html#built-in-channels. */
const requestChannel = 'http.server.request.start';
const maxSeconds = 86_400;

/** Adds `observe`. Exit codes: 0 written, 2 the configuration is invalid, 3 the source or the port cannot be used. */
export function addLearnObserveCommand(learn: Command): void {
  learn
    .command('observe')
    .description(
      'Serve a configuration as usual, without experiments, and write what the incoming requests show about the platform.',
    )
    .requiredOption('--config <file>', 'configuration of the server, YAML or JSON')
    .option('--seconds <number>', 'duration in seconds, 1 to 86400; Ctrl-C stops the command earlier', '3600')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info learn observe --config user-info.yaml --seconds 600 --platform-version 'Immuta 2024.3'

Options of \`learn\` that apply: --platform-version, --platform-address, --intermediary, --out.
The command counts requests with the status 200 or 404. It also records failed requests of clients that received such a response. The profile contains no user names and no addresses; of headers, it contains the names.
Exit codes: 0 written, 2 the configuration is invalid, 3 the source or the port cannot be used.
`,
    )
    .action((_flags: unknown, command: Command) => observe(command.optsWithGlobals<ObserveFlags>()));
}

async function observe(flags: ObserveFlags): Promise<void> {
  const { config, seconds, platformVersion = 'an unnamed platform', out } = flags;
  const duration = /^\d{1,5}$/.test(seconds) ? Number(seconds) : 0;
  if (duration < 1 || duration > maxSeconds) {
    throw new CommandFailure(exitCodes.usage, `--seconds must be a whole number from 1 to ${maxSeconds}.`);
  }
  const intermediary = readIntermediary(flags);
  const platformAddresses = readPlatformAddresses(flags);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const server = await start(config);
  const observer = createRequestObserver({
    path: new URL(server.url).pathname,
    ...(platformAddresses !== undefined && { platformAddresses }),
    ...(intermediary !== undefined && { intermediary }),
  });
  // The administration listener uses other paths.
  const onRequest = (message: unknown) => {
    const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
    observer.observe(request, response);
  };
  subscribe(requestChannel, onRequest);
  try {
    await delay(duration * 1000, undefined, { signal: stop.signal }).catch(() => {});
  } finally {
    unsubscribe(requestChannel, onRequest);
    await server.stop();
  }
  const { requests, facts, ...shown } = observer.summarize();
  const disturbances = { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 };
  const profile = createPlatformProfile(facts, { platform: platformVersion, ...shown, disturbances }, new Date());
  try {
    replaceFile(out, stringify(profile, { aliasDuplicateObjects: false }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      exitCodes.usage,
      makeVisible(`--out: ${out} cannot be written (${code}). Check that its directory exists and is writable.`),
    );
  }
  printText(makeVisible(`${requests} requests were observed. The results are in ${out}.\n`));
}

/** Starts one process, whatever the configuration specifies, because requests in other processes could not be observed. */
async function start(file: string) {
  try {
    const origin = await openConfigOrigin(file, { ...process.env, USER_INFO__WORKERS: '1' });
    return await startServerFrom(origin);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(exitCodes.usage, error.message, { cause: error });
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (error instanceof SourceError || syscall === 'listen' || syscall === 'bind') {
      throw new CommandFailure(exitCodes.unreachable, `Cannot serve: ${message}`, { cause: error });
    }
    throw error;
  }
}
