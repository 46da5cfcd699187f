// The adapter `module`: a custom source, loaded from a file and subject to the rules of every source.
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { ModuleSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import type { Secret } from '../../../schemas/secret.ts';
import { describeSchemaErrors, validateUserInfo } from '../../../schemas/validators.ts';
import { within } from '../../within.ts';
import {
  type AdapterContext,
  type LookUpSignal,
  SourceError,
  type SourceErrorKind,
  type UserOrigins,
  type UserSource,
} from '../user-source.ts';

/** Context that the server passes to a module. */
export interface ModuleContext extends AdapterContext {
  /** `source.secrets`, resolved. Call `reveal()` where a secret is used, and do not store the result. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Provided here, so that a module need not import this package, which may be installed elsewhere, or twice. */
  readonly SourceError: typeof SourceError;
}

/**
 * The default export of a module.
 *
 * @param options `source.options` from the configuration.
 */
export type CreateUserSource = (
  options: Readonly<Record<string, unknown>>,
  context: ModuleContext,
) => UserSource | Promise<UserSource>;

/** Time that a module has to release its resources. The server's own shutdown may end earlier. */
const closeTimeoutMs = 5000;
const kinds: readonly SourceErrorKind[] = ['unavailable', 'too-slow', 'bad-answer'];
const methods = ['findUser', 'check', 'close'] as const;

/**
 * Loads the file and creates its source. The source's results are copied and validated. A SourceError from another copy of this package is treated as
 * our own. Any other error of a method is passed on unchanged, and the server responds with 500.
 *
 * @throws {SourceError} 'unavailable' when the file cannot be loaded, or has no suitable default export, or when its source lacks a method.
 */
export async function createModuleSource(config: ModuleSourceConfig, { log }: AdapterContext): Promise<UserSource> {
  const { path, secrets, loadTimeoutMs, checkTimeoutMs } = config;
  const make = async () => {
    const create = await loadModule(path);
    return create(structuredClone(config.options), { log, secrets, SourceError }).catch((error: unknown) => {
      throw asSourceError(error) ?? unusable(path, `its createUserSource failed: ${describe(error)}`);
    });
  };
  const notLoaded = () => unusable(path, `it was not loaded within ${loadTimeoutMs} ms (source.loadTimeoutMs)`);
  const made = await within(make(), { timeout: { ms: loadTimeoutMs, error: notLoaded } });
  const source = assertSource(made, path);
  /** @param option the option that sets the limit, for the message. */
  const settle = (method: 'check' | 'close', ms: number, option = '') => {
    const text = `${method}() of the module ${path} did not settle within ${ms} ms${option}.`;
    const work = guarded(async () => source[method]());
    return within(work, { timeout: { ms, error: () => new SourceError('too-slow', text) } });
  };
  return {
    findUser: (userid, signal) => guarded(async () => validated(await source.findUser(userid, signal))),
    check: () => settle('check', checkTimeoutMs, ' (source.checkTimeoutMs)'),
    close: () => settle('close', closeTimeoutMs),
    ...(source.status && { status: source.status.bind(source) }),
    ...(source.explainUser && {
      explainUser: (userid: string, signal: AbortSignal): Promise<UserOrigins | null> =>
        guarded(async () => (await source.explainUser?.(userid, signal)) ?? null),
    }),
    ...(source.isDisabled && {
      isDisabled: (userid: string, signal: LookUpSignal) =>
        guarded(async () => validatedFlag(await source.isDisabled?.(userid, signal))),
    }),
    // `answersFromMemory` is not set, because a lookup in custom code always has a deadline.
  };
}

type Create = (...given: Parameters<CreateUserSource>) => Promise<unknown>;

/** Digests of the first content of each loaded file. */
const loadedFirst = new Map<string, string>();

/**
 * Returns the URL from which Node loads the current content of a file. Node loads a URL only once per process. A file that has changed gets a
 * different URL, so that a reload runs its current content; its imports remain unchanged.
 */
async function urlOf(path: string): Promise<string> {
  const url = pathToFileURL(path).href;
  const digest = await readFile(path).then((bytes) => hash('sha256', bytes, 'base64url'), String);
  const first = loadedFirst.get(path) ?? digest;
  loadedFirst.set(path, first);
  return digest === first ? url : `${url}?content=${encodeURIComponent(digest)}`;
}

async function loadModule(path: string): Promise<Create> {
  const loaded: unknown = await import(await urlOf(path)).catch((error: unknown) => {
    throw unusable(path, `it cannot be loaded: ${describe(error)}`);
  });
  const create = (loaded as { readonly default?: unknown }).default;
  if (typeof create === 'function') return async (options, context) => create(options, context);
  const names = Object.keys(loaded as object).join(', ') || 'nothing';
  throw unusable(
    path,
    `its default export must be a function, createUserSource(options, context); it exports ${names}`,
  );
}

function assertSource(made: unknown, path: string): UserSource {
  if (typeof made !== 'object' || made === null) {
    throw unusable(
      path,
      `createUserSource must return a user source; it returned ${made === null ? 'null' : typeof made}`,
    );
  }
  const source = made as Partial<Record<keyof UserSource, unknown>>;
  const missing = methods.filter((name) => typeof source[name] !== 'function');
  if (missing.length > 0) throw unusable(path, `its source lacks ${missing.join(', ')}; see the UserSource interface`);
  const wrong = (['status', 'explainUser', 'isDisabled'] as const).filter(
    (name) => !['undefined', 'function'].includes(typeof source[name]),
  );
  if (wrong.length > 0) throw unusable(path, `${wrong.join(' and ')} of its source must be a function or absent`);
  return made as UserSource;
}

/** Returns a copy, so that the value sent is the validated one and the module's own data cannot be changed from outside. */
function validated(found: unknown): UserInfo | null {
  if (found === null) return null;
  if (found === undefined) {
    throw new SourceError('bad-answer', 'The module returned undefined. Return null for an unknown user.');
  }
  let copy: unknown;
  try {
    copy = structuredClone(found);
  } catch {
    throw new SourceError('bad-answer', 'The module returned a value that is not plain data.');
  }
  if (validateUserInfo(copy)) return copy;
  throw new SourceError(
    'bad-answer',
    `The module's result does not match the schema: ${describeSchemaErrors(validateUserInfo.errors)}.`,
  );
}

function validatedFlag(found: unknown): boolean {
  if (typeof found === 'boolean') return found;
  throw new SourceError('bad-answer', "The module's isDisabled did not return true or false.");
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asSourceError(error) ?? error;
  }
}

/**
 * Returns an error of the module as a SourceError; `null`: it is another error. The module may have its own copy of this package, with a different
 * class.
 */
function asSourceError(error: unknown): SourceError | null {
  if (error instanceof SourceError) return error;
  if (!(error instanceof Error) || error.name !== 'SourceError') return null;
  const kind = kinds.find((known) => known === (error as { kind?: unknown }).kind);
  return kind === undefined ? null : new SourceError(kind, error.message, { cause: error.cause });
}

function unusable(path: string, reason: string): SourceError {
  return new SourceError('unavailable', `The module ${path} cannot be used: ${reason}.`);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.replace(/\.$/, '') : String(error);
}
