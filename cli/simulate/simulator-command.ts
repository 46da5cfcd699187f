// Shared parts of the subcommands of `user-info simulate`: options, opening the store, and exit codes of its errors.
import { existsSync, readdirSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { assertMayAdminister, keepAdministrator } from '../../simulator/administrators.ts';
import { DatabaseError } from '../../simulator/database/database-error.ts';
import { IdentityError } from '../../simulator/identities/identity-error.ts';
import { builtInIam, type IdentityStore, type Page } from '../../simulator/identities/identity-store.ts';
import { openSimulator, type Simulator } from '../../simulator/open-simulator.ts';
import { quoteShellWord } from '../../simulator/platforms/shell-word.ts';
import { secretsDirectoryOf } from '../../simulator/secret-files.ts';
import { SyncError } from '../../simulator/sync/sync-error.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { printJson, printResult, printText, renderTable } from '../text-table.ts';

export interface StoreFlags {
  readonly store: string;
  readonly json?: boolean;
  /** The actor: a user of the built-in IAM with the permission, or the operator, with full access. */
  readonly as?: string;
}

const operator = 'operator';

const defaultStore = 'simulator.db';

const whileServing =
  'While `user-info simulate serve` runs, use its console or its REST API, or stop it first. A different --store is a separate simulator.';

/** Adds the options of every subcommand that reads. */
export function withStoreOptions(command: Command): Command {
  return command
    .option('--store <file>', 'store of the simulator; created if it does not exist', defaultStore)
    .option('--json', 'print JSON');
}

/** Adds the options of every subcommand that changes something. */
export function withActorOption(command: Command): Command {
  return withStoreOptions(command).option(
    '--as <user>',
    `actor in the audit trail: a user of the built-in IAM with USER_ADMIN (default: the ${operator}, with full access)`,
  );
}

/** Returns the option `--iam` with the built-in IAM as its default. @param whose e.g. "user". */
export function iamOption(whose: string): Option {
  return new Option('--iam <id>', `IAM of the ${whose}`).default(builtInIam);
}

/** Returns only the named options that were given, for parameters that must be absent otherwise. */
export function pickGiven<Flags extends object, Name extends keyof Flags>(
  flags: Flags,
  ...names: readonly Name[]
): { [Given in Name]?: NonNullable<Flags[Given]> } {
  return Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))) as {
    [Given in Name]?: NonNullable<Flags[Given]>;
  };
}

/** @throws {CommandFailure} for all errors of the simulator: 1 for a negative result, 2 for invalid input, 3 for a file in use. */
export async function useSimulator<Result>(
  { store, as: actor }: StoreFlags,
  work: (simulator: Simulator, by: string) => Result | Promise<Result>,
): Promise<Result> {
  let simulator: Simulator | null = null;
  warnOfLeftSecrets(store);
  try {
    simulator = openSimulator(store);
    if (actor !== undefined) assertMayAdminister(simulator.identities, { iam: builtInIam, userid: actor });
    return await work(simulator, actor ?? operator);
  } catch (error) {
    throw toCommandFailure(error);
  } finally {
    simulator?.close();
  }
}

/** Warns if a store was deleted or renamed, and its passwords and keys still exist. */
function warnOfLeftSecrets(store: string): void {
  const directory = secretsDirectoryOf(store);
  if (existsSync(store) || !existsSync(directory) || readdirSync(directory).length === 0) return;
  warn(
    `${directory} contains passwords and PEM files of the store ${store}, which no longer exists. Delete this directory unless you restore that file.`,
  );
}

function toCommandFailure(error: unknown): unknown {
  const fail = (code: number, message: string) => new CommandFailure(code, message, { cause: error });
  // These errors are a single sentence that contains names of users and groups. The errors below can span several lines, one per setting.
  if (error instanceof IdentityError)
    return fail(error.kind === 'invalid' ? exitCodes.usage : exitCodes.negative, makeVisibleLine(error.message));
  if (error instanceof DatabaseError && error.kind === 'in-use')
    return fail(exitCodes.unreachable, `${makeVisible(error.message)}\n${whileServing}`);
  if (error instanceof SyncError || error instanceof DatabaseError)
    return fail(exitCodes.usage, makeVisible(error.message));
  return error;
}

/** The messages of a command that changes something. */
export interface ChangeMessages<Result> {
  readonly changed: string | ((result: Result) => string);
  /** The state that already existed, e.g. "ada is already disabled."; null: the command always changes something. */
  readonly unchanged: string | null;
  /** The usual next command, with its purpose, e.g. "Test it: user-info simulate iam test okta". */
  readonly next?: string;
}

/** Changes something, and prints the result as JSON or as a message; if nothing changed, the message says so. */
export function changeSimulator<Result>(
  flags: StoreFlags,
  { changed, unchanged, next }: ChangeMessages<Result>,
  work: (simulator: Simulator, by: string) => Result,
): Promise<void> {
  return useSimulator(flags, (simulator, by) => {
    // The operator has full access, and can appoint another administrator.
    const change = () => work(simulator, by);
    const { audit } = simulator.identities;
    const lastChange = () => audit.list({ limit: 1 }).hits[0]?.id;
    const before = lastChange();
    const result = flags.as === undefined ? change() : keepAdministrator(simulator, change);
    if (flags.json) return printJson(result ?? null);
    // Every change has an audit record.
    const isUnchanged = unchanged !== null && lastChange() === before;
    const message = typeof changed === 'string' ? changed : changed(result);
    printText(`${makeVisibleLine(isUnchanged ? `Nothing changed: ${unchanged}` : message)}\n`);
    if (next !== undefined && !isUnchanged) printText(`${makeVisibleLine(next + describeStore(flags))}\n`);
  });
}

/** Returns the --store option for the command to run next; empty for the default store. */
function describeStore({ store }: StoreFlags): string {
  return store === defaultStore ? '' : ` --store ${quoteShellWord(store)}`;
}

/** Prints a warning to stderr, e.g. for an unknown IAM type. */
export function warn(message: string): void {
  process.stderr.write(`user-info: warning: ${makeVisibleLine(message)}\n`);
}

/** Adds the options of a paged list. @param what e.g. "users". */
export function withPageOptions(command: Command, what: string): Command {
  return command
    .option('--limit <number>', `maximum number of ${what}`, '25')
    .option('--offset <number>', `number of ${what} to skip`, '0');
}

export interface PageFlags extends StoreFlags {
  readonly limit: string;
  readonly offset: string;
}

/** @throws {CommandFailure} with exit code 2. */
export function readPage({ limit, offset }: PageFlags): { readonly limit: number; readonly offset: number } {
  return { limit: toWholeNumber('--limit', limit), offset: toWholeNumber('--offset', offset) };
}

/** Returns the filter of `--iam`. @throws {IdentityError} if there is no such IAM: with a misspelled name, the list would simply be empty. */
export function readIamFilter({ iam }: { readonly iam?: string }, { iams }: IdentityStore): { readonly iam?: string } {
  return iam === undefined ? {} : { iam: iams.get(iam).id };
}

/** Prints a list as JSON, or as a table. */
export function printTable<Item>(
  flags: StoreFlags,
  items: readonly Item[],
  head: readonly string[],
  toRow: (item: Item) => readonly (string | number)[],
  nothing: string,
): void {
  printResult(flags, items, () => renderTable(head, items.map(toRow), nothing));
}

/** Prints a page as JSON, or as a table, with the number of shown rows and of all rows if they differ. */
export function printPage<Item>(
  flags: PageFlags,
  page: Page<Item>,
  head: readonly string[],
  toRow: (item: Item) => readonly (string | number)[],
  nothing: string,
): void {
  if (flags.json) {
    printJson(page);
    return;
  }
  printText(renderTable(head, page.hits.map(toRow), nothing));
  if (page.hits.length < page.count) {
    printText(`${page.hits.length} of ${page.count}; --limit and --offset show others.\n`);
  }
}

/** Parses a whole number in an option. @throws {CommandFailure} with exit code 2. */
export function toWholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidUsage(`${option} must be a whole number of at most 9 digits, not ${makeVisibleLine(text)}.`);
}
