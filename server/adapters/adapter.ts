// Exports of an adapter's directory: the rules of its options, how its source is created, and how it is diagnosed.
import type { SourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { Findings } from '../doctor/probes/finding.ts';
import { type AdapterContext, SourceError, type UserSource } from './user-source.ts';

/** Values of `source.type` that an adapter serves. A merge has no adapter: it combines other sources. */
export type AdapterType = Exclude<SourceConfig['type'], 'merge'>;

/** Options of the sources of one type. */
export type AdapterConfig<Type extends AdapterType = AdapterType> = Extract<SourceConfig, { readonly type: Type }>;

/**
 * The default export of `NAME-adapter.ts`. Every startup imports the adapters of all types, so that file imports neither drivers nor the source
 * itself. `create` and `diagnose` import them when they are called.
 */
export interface Adapter<Type extends AdapterType = AdapterType> {
  readonly type: Type;

  /** Requirements that span several options, or that a JSON Schema cannot express. */
  readonly validate: readonly OptionRule<AdapterConfig<Type>>[];

  /**
   * Creates the source, ready to serve.
   *
   * @throws {SourceError} if it cannot serve from the start, for example because a file is missing. The message is for the log.
   */
  create(config: AdapterConfig<Type>, context: AdapterContext): Promise<UserSource>;

  /**
   * Tests what the source depends on, step by step, for `user-info doctor`. Returns whether creating the source is worthwhile. Omitted:
   * the source depends on nothing outside the configuration.
   */
  diagnose?(config: AdapterConfig<Type>, context: Pick<AdapterContext, 'allowsNoGroups'>): Findings;
}

/** One rule of a source's options. `config check` and each startup evaluate it. */
export interface OptionRule<Config> {
  /** Options that `findFaults` reads, below the source: "tls". The function is called only if none of them already has an error. */
  readonly reads: readonly string[];
  findFaults(config: Config): readonly OptionFault[];
}

/** An error in the options of a source. */
export interface OptionFault {
  /** The option below the source, e.g. "urls[0]" or "groups.base". */
  readonly option: string;
  /** Continues the option's name: "needs `bind.dn`". */
  readonly message: string;
}

/** Returns the error for a source that is created with options that `config check` rejects. */
export function invalidOptions(faults: readonly OptionFault[]): SourceError {
  const list = faults.map(({ option, message }) => `source.${option} ${message}`).join('; ');
  return new SourceError('unavailable', `The options of the source are invalid: ${list}.`);
}
