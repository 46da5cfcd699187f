// Commands `user-info simulate serve` and `api-keys`: the platform's REST API over the simulator's store, and its keys.
import { type Command, Option } from 'commander';
import { readReport } from '../../conformance/report/read-report.ts';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { ApiError } from '../../simulator/api/api-error.ts';
import { PlainNetworkError, startApi } from '../../simulator/api/start-api.ts';
import { readReferencedFile } from '../../simulator/sync/referenced-texts.ts';
import { SyncError } from '../../simulator/sync/sync-error.ts';
import { CommandFailure, exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { collect } from '../repeatable-options.ts';
import { nextSignal } from '../stop-on-signal.ts';
import { printResult, printText } from '../text-table.ts';
import {
  iamOption,
  printTable,
  type StoreFlags,
  toWholeNumber,
  useSimulator,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';
import { readListOfSettings, readUsers, type UserListFlags, withUserListOptions } from './user-list.ts';

interface ServeFlags extends UserListFlags {
  /** "IAM=LIST" each. */
  readonly users: readonly string[];
  readonly store: string;
  readonly host: string;
  readonly port: string;
  readonly conformance?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

interface KeyFlags extends StoreFlags {
  readonly iam: string;
}

/** Adds `serve`. */
export function addServeCommand(simulate: Command): void {
  withUserListOptions(simulate.command('serve'))
    .description("Serve the platform's REST API and a web console until Ctrl-C.")
    .option('--store <file>', 'store of the simulator; created if it does not exist', 'simulator.db')
    .option(
      '--host <address>',
      'address to listen on; addresses other than loopback require a certificate',
      '127.0.0.1',
    )
    .option('--port <number>', 'port to listen on; 0: any free port', '8645')
    .option(
      '--users <iam=list>',
      'user list of an IAM: CSV, LDIF or an LDAP URL (default: its `iam user-list`, otherwise the users in the store)',
      collect,
      [],
    )
    .option(
      '--conformance <file>',
      'report written by `user-info conform --report json=FILE`, shown next to the identities',
    )
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'private key of --tls-cert, PEM')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate users create admin@example.com --name Admin --permission USER_ADMIN
  $ user-info simulate api-keys create admin@example.com --name ci > key
  $ user-info simulate serve &
  $ curl --header "Authorization: $(cat key)" http://127.0.0.1:8645/bim/iam

IAMs with a sync schedule (\`iam schedule\`) are synchronized on that schedule. schemas/simulator-api.yaml describes the API. Each request
needs an API key of an enabled user with USER_ADMIN, or a token created with such a key. Other commands with this store are rejected while the server runs, because only one process can use the store.
`,
    )
    .action(serve);
}

/** Adds `api-keys`. */
export function addApiKeysCommand(simulate: Command): void {
  const keys = simulate.command('api-keys').description('API keys of users: create, list, delete.');
  const nameOption = () => new Option('--name <text>', 'purpose of the key').makeOptionMandatory();
  withActorOption(keys.command('create <userid>'))
    .description('Create an API key. It is printed only once.')
    .addOption(nameOption())
    .addOption(iamOption('user'))
    .action((userid: string, flags: KeyFlags & { readonly name: string }) =>
      useSimulator(flags, ({ apiKeys }, by) => {
        const key = apiKeys.create({ iam: flags.iam, userid }, flags.name, by);
        printResult(flags, { name: flags.name, key }, () => `${key}\n`);
      }),
    );
  withStoreOptions(keys.command('list <userid>'))
    .description('List the API keys of a user, without the keys.')
    .addOption(iamOption('user'))
    .action((userid: string, flags: KeyFlags) =>
      useSimulator(flags, ({ apiKeys }) => {
        const list = apiKeys.list({ iam: flags.iam, userid });
        printTable(flags, list, ['API key', 'created'], ({ name, createdAt }) => [name, createdAt], 'No API keys.');
      }),
    );
  withActorOption(keys.command('delete <userid>'))
    .description('Delete an API key and its tokens.')
    .addOption(nameOption())
    .addOption(iamOption('user'))
    .action((userid: string, flags: KeyFlags & { readonly name: string }) =>
      useSimulator(flags, ({ apiKeys }, by) => {
        apiKeys.delete({ iam: flags.iam, userid }, flags.name, by);
        if (!flags.json) printText(`${makeVisibleLine(`Deleted API key ${flags.name}.`)}\n`);
      }),
    );
}

async function serve(flags: ServeFlags): Promise<void> {
  const port = toWholeNumber('--port', flags.port);
  if (port > 65_535) throw invalidUsage('--port must be a number from 0 to 65535.');
  const tls = readTls(flags);
  const lists = readLists(flags.users);
  const { conformance } = flags;
  // Reads the file on each request, because `conform` may replace it. Errors in the file are also reported at startup.
  const readConformance = () =>
    conformance === undefined ? null : withoutFaults((faults) => readReport(conformance, faults));
  readConformance();
  const readLater = () => {
    try {
      return readConformance();
    } catch (error) {
      throw error instanceof CommandFailure ? new ApiError(503, error.message) : error;
    }
  };
  await useSimulator({ store: flags.store }, async (simulator) => {
    const ended = nextSignal();
    const onBug = (error: unknown) => process.stderr.write(`user-info: internal error: ${(error as Error).stack}\n`);
    const onScheduleFault = (iam: string, { message }: Error) =>
      process.stderr.write(`${makeVisibleLine(`user-info: the sync schedule of ${iam}: ${message}`)}\n`);
    const readUserList = (iam: string, settings: LoadedIamSettings) => {
      const users = lists.get(iam);
      const read = users === undefined ? readListOfSettings(settings) : readUsers(users, flags);
      return read.catch(toSyncError);
    };
    const options = { readUserList, host: flags.host, port, tls, readConformance: readLater, onBug, onScheduleFault };
    const server = await startApi(simulator, options).catch((error) => {
      throw toFailure(error, flags);
    });
    printText(`The simulator listens on ${server.url}\n`);
    await ended;
    await server.close();
  });
}

/** Returns a map from IAM to its user list. @throws {CommandFailure} with exit code 2. */
function readLists(values: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    values.map((value) => {
      const [, iam = '', list = ''] = /^([^=]+)=(.+)$/.exec(value) ?? [];
      if (list !== '') return [iam, list];
      throw invalidUsage('--users must have the form IAM=LIST, e.g. okta=users.csv.');
    }),
  );
}

/** Throws the failure as a SyncError, so that a list that cannot be read ends only that run, not the server. */
function toSyncError(error: unknown): never {
  throw error instanceof CommandFailure ? new SyncError('refused', error.message) : error;
}

/** @throws {CommandFailure} with exit code 2. */
function readTls({ tlsCert, tlsKey }: ServeFlags): { cert: string; key: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw invalidUsage('Specify both --tls-cert and --tls-key.');
  }
  return withoutFaults((faults) => ({
    cert: readReferencedFile(tlsCert, '--tls-cert', faults) ?? '',
    key: readReferencedFile(tlsKey, '--tls-key', faults) ?? '',
  }));
}

function toFailure(error: unknown, { host, port }: ServeFlags): unknown {
  if (error instanceof PlainNetworkError) {
    return invalidUsage(makeVisible(`${error.message} Specify --tls-cert and --tls-key.`));
  }
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^(EADDR|EACCES|ENOTFOUND|EAI_)/.test(code)) {
    return new CommandFailure(exitCodes.unreachable, makeVisible(`Cannot listen on ${host}, port ${port} (${code}).`));
  }
  if (/^ERR_(OSSL|SSL)/.test(code)) {
    return invalidUsage(`--tls-cert and --tls-key are not a PEM certificate with its private key (${code}).`);
  }
  return error;
}
