// Command `user-info reload`: makes a running server reload its configuration, and reports the result.
import { type Command, InvalidArgumentError } from 'commander';
import type { ReloadOutcome } from '../../server/reload/reload-state.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';

interface ReloadFlags {
  readonly administration: string;
  readonly timeoutSeconds: number;
}

export function addReloadCommand(program: Command): void {
  program
    .command('reload')
    .description('Reload the configuration, certificates, credentials and data source of a running server.')
    .option('--administration <url>', 'URL of the administration listener', 'http://127.0.0.1:9090')
    .option('--timeout-seconds <number>', 'time to wait for the result', parseSeconds, 120)
    .addHelpText(
      'after',
      `
The server loads and validates everything first, and then switches over in one step. Requests in flight are completed with the previous generation.
If there is an error, the server rejects the reload, lists every error, and keeps the current generation.
Run the command on the server's machine: the server accepts reload requests only from there.
Without an administration listener, send SIGHUP; the result is in the log.

Examples:
  $ user-info reload
  $ user-info reload --administration http://127.0.0.1:9100

Exit codes: 0 reloaded, 1 rejected, 2 invalid command line, 3 server unreachable.
`,
    )
    .action(runReload);
}

async function runReload({ administration, timeoutSeconds }: ReloadFlags): Promise<void> {
  const { outcome, generation, faults } = await order(administration, timeoutSeconds);
  if (outcome === 'refused') {
    const goesOn = generation === undefined ? '' : ` Generation ${generation} remains in use:`;
    throw new CommandFailure(exitCodes.negative, [`The server rejected the reload.${goesOn}`, ...faults].join('\n'));
  }
  process.stdout.write(`Reloaded: generation ${generation} is in use.\n`);
}

async function order(administration: string, timeoutSeconds: number): Promise<ReloadOutcome> {
  const url = findUrl(administration);
  const unreachable = (reason: string, cause?: unknown) =>
    new CommandFailure(exitCodes.unreachable, `${url.href}: ${reason}`, { cause });
  let answer: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    answer = await fetch(url, { method: 'POST', redirect: 'error', signal });
    text = await answer.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      throw unreachable(`no result within ${timeoutSeconds} seconds. See the log or /readyz for the result`, error);
    }
    const { cause } = error as Error;
    const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? String(error);
    throw unreachable(
      `the administration listener does not respond (${reason}). Start the server, and configure \`administration\``,
      error,
    );
  }
  try {
    const outcome = JSON.parse(text) as ReloadOutcome;
    if ([200, 403, 409].includes(answer.status) && Array.isArray(outcome.faults)) return outcome;
  } catch {
    // Not JSON: the response is not from our server.
  }
  throw unreachable(`the response (${answer.status}) is not from an administration listener of user-info`);
}

function findUrl(administration: string): URL {
  const url = URL.canParse(administration) ? new URL('/reload', administration) : null;
  if (url?.protocol === 'http:') return url;
  throw invalidUsage('--administration must be a URL such as http://127.0.0.1:9090.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds === 0) throw new InvalidArgumentError('Specify 1 to 99999 seconds.');
  return seconds;
}
