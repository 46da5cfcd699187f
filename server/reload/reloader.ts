// Reload: a new generation is created and verified while the old one is in use, and either replaces it or is discarded.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { SourceError } from '../adapters/user-source.ts';
import { checkConfigFiles, withFileFaults } from '../config/check-config-files.ts';
import { ConfigError, describeFault } from '../config/config-error.ts';
import type { ConfigOrigin } from '../config/config-origin.ts';
import type { ServerLog } from '../observability/logger.ts';
import { valueWithin } from '../within.ts';
import { findFixedChanges } from './fixed-options.ts';
import type { Generation } from './generation.ts';
import { digestOfInputs, findInputs, type ServerInputs } from './input-digest.ts';
import type { ReloadOutcome, ReloadScope, ReloadState } from './reload-state.ts';

export interface ReloaderParts {
  readonly first: Generation;
  /** Number of the first generation: 1, or the number of the generation that the other workers use. */
  readonly firstGeneration: number;
  /** The inputs of `first`. */
  readonly inputs: ServerInputs;
  readonly origin: ConfigOrigin;
  readonly logger: ServerLog['logger'];
  /** @param previous generation whose source may be reused. */
  open(config: LoadedServerConfig, previous: Generation, scope: ReloadScope): Promise<Generation>;
  /** Switches the listener to the new generation; does not wait, and does not fail. */
  apply(next: Generation, previous: Generation): void;
  /** Called after each call of `reload`, successful or not. */
  onSettled(): void;
}

/** Result of the first half of a reload, before anything in use has changed. */
export type PreparedReload =
  | {
      readonly isRefused: false;
      /** Digest of its input files. */
      readonly digest: string;
      /** Whether earlier TLS sessions must not be resumed. */
      readonly renewsTls: boolean;
      commit(generation: number): ReloadOutcome;
      discard(): Promise<void>;
    }
  | { readonly isRefused: true; readonly outcome: ReloadOutcome; readonly sourceWasDown: boolean };

export interface Reloader {
  current(): Generation;
  state(): ReloadState;
  /**
   * Reloads again if a file was replaced while the first generation opened, before the server listens. The generation keeps its number. A rejection
   * is recorded in `state`, as it is for a reload.
   */
  catchUp(): Promise<void>;
  /** Runs one reload at a time. A reload requested during another one runs after it, because the other may have read the files too early. */
  reload(scope: ReloadScope): Promise<ReloadOutcome>;
  /** Runs the first half of a reload, for a server that is one of several; the caller runs one at a time. */
  prepare(scope: ReloadScope): Promise<PreparedReload>;
  /** Returns the digest of the files at the latest attempt. */
  digest(): string;
  /** Reloads when the files have changed since the last attempt, and, with `retry`, also when that attempt failed because a source was down. */
  reloadIfChanged(retry: boolean): Promise<void>;
  /** Returns the files whose changes require a reload, as far as they are known. */
  inputs(): readonly string[];
  /** Waits for the current reload, and starts no further one. */
  close(): Promise<void>;
}

/** Maximum number of attempts; the watch handles files that change even after the last attempt. */
const maxAttempts = 4;

export function createReloader(parts: ReloaderParts): Reloader {
  const { first, origin, logger } = parts;
  let current = first;
  let { files: inputs, digest: digestAtAttempt } = parts.inputs;
  let state: ReloadState = {
    generation: parts.firstGeneration,
    generationSinceMs: Date.now(),
    refusedAtMs: null,
    refusal: null,
    counts: { reloaded: 0, refused: 0 },
  };
  let sourceWasDown = false;
  let isClosed = false;
  let underway: Promise<unknown> = Promise.resolve();
  const queued = new Map<ReloadScope, Promise<ReloadOutcome>>();

  async function open(scope: ReloadScope): Promise<Generation> {
    digestAtAttempt = digestOfInputs(inputs);
    const reading = origin.read();
    ({ files: inputs, digest: digestAtAttempt } = findInputs(reading, origin.file));
    const faults = [
      ...findFixedChanges(current.config, reading),
      ...checkConfigFiles(reading, { outputsAreOpen: true }).faults,
    ];
    if (faults.length > 0) throw new ConfigError(faults);
    return withFileFaults(reading, { outputsAreOpen: true }, () => parts.open(reading.config, current, scope));
  }

  /** @throws {SourceError} when it takes longer than `reload.timeoutSeconds`; a generation that is ready later is closed. */
  async function openInTime(scope: ReloadScope): Promise<Generation> {
    const { timeoutSeconds } = current.config.reload;
    let isLate = false;
    const opening = open(scope).then(async (next) => {
      if (isLate) await next.close();
      return next;
    });
    const settled = opening.then(
      () => true,
      () => true,
    );
    isLate = (await valueWithin(timeoutSeconds * 1000, settled)) === null;
    if (!isLate) return opening;
    opening.catch(() => undefined);
    throw new SourceError(
      'too-slow',
      `The new configuration and its source could not be opened within ${timeoutSeconds} s (reload.timeoutSeconds). Check the source, or raise the limit.`,
    );
  }

  async function prepare(scope: ReloadScope): Promise<PreparedReload> {
    try {
      const next = await openInTime(scope);
      return {
        isRefused: false,
        digest: digestAtAttempt,
        renewsTls: next.tls?.digest !== current.tls?.digest,
        commit: (generation) => commit(next, generation),
        discard: () => next.close(),
      };
    } catch (error) {
      return { isRefused: true, ...refuse(error, scope) };
    }
  }

  function commit(next: Generation, generation: number): ReloadOutcome {
    const previous = current;
    current = next;
    state = {
      generation,
      generationSinceMs: Date.now(),
      refusedAtMs: state.refusedAtMs,
      refusal: null,
      counts: { ...state.counts, reloaded: state.counts.reloaded + 1 },
    };
    sourceWasDown = false;
    parts.apply(next, previous);
    logger.info({ generation, sourceKept: next.source === previous.source }, 'reloaded');
    return { outcome: 'reloaded', generation, faults: [] };
  }

  const haveInputsChanged = () => digestOfInputs(inputs) !== digestAtAttempt;

  /** Reloads, and retries when a file was replaced while the generation opened, because there may be no further event. */
  async function attempt(scope: ReloadScope): Promise<ReloadOutcome> {
    let outcome: ReloadOutcome;
    let attempts = 0;
    do {
      const prepared = await prepare(attempts === 0 ? scope : 'changed');
      if (isClosed && !prepared.isRefused) {
        await prepared.discard();
        return refusedByShutdown();
      }
      outcome = prepared.isRefused ? prepared.outcome : prepared.commit(state.generation + 1);
      attempts += 1;
    } while (!isClosed && attempts < maxAttempts && haveInputsChanged());
    return outcome;
  }

  function refusedByShutdown(): ReloadOutcome {
    return { outcome: 'refused', generation: state.generation, faults: ['The server is shutting down.'] };
  }

  async function catchUp(): Promise<void> {
    for (let attempts = 1; attempts < maxAttempts && haveInputsChanged(); attempts++) {
      const prepared = await prepare('changed');
      if (!prepared.isRefused) prepared.commit(state.generation);
    }
  }

  function refuse(error: unknown, scope: ReloadScope) {
    const { generation, counts, refusal } = state;
    const faults = describeFailure(error);
    sourceWasDown = error instanceof SourceError && error.kind !== 'bad-answer';
    state = { ...state, refusedAtMs: Date.now(), refusal: faults, counts: { ...counts, refused: counts.refused + 1 } };
    // An automatic retry does not report the same failure again.
    if (scope === 'all' || faults.join() !== refusal?.join()) {
      logger.error(
        { generation, faults },
        'the newer configuration is rejected; the current generation remains in use',
      );
    }
    return { outcome: { outcome: 'refused', generation, faults } as const, sourceWasDown };
  }

  function reload(scope: ReloadScope): Promise<ReloadOutcome> {
    const waiting = queued.get(scope);
    if (waiting) return waiting;
    const outcome = underway.then(() => {
      queued.delete(scope);
      if (isClosed) return refusedByShutdown();
      return attempt(scope).finally(parts.onSettled);
    });
    queued.set(scope, outcome);
    underway = outcome;
    return outcome;
  }

  return {
    current: () => current,
    state: () => state,
    catchUp,
    reload,
    prepare,
    digest: () => digestAtAttempt,
    async reloadIfChanged(retry) {
      await underway;
      if ((retry && sourceWasDown) || haveInputsChanged()) await reload('changed');
    },
    inputs: () => inputs,
    async close() {
      isClosed = true;
      await underway;
    },
  };
}

/**
 * Returns a failure's messages. Our own messages are written for operators and contain no secrets; those of OpenSSL and Node contain codes and file
 * names.
 */
export function describeFailure(error: unknown): string[] {
  if (error instanceof ConfigError) return error.faults.map(describeFault);
  return [error instanceof Error ? error.message : String(error)];
}
