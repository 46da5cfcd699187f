// Undocumented behavior of the platform, with the assumed defaults: one list for the simulator and the conformance kit.
import { readSchema } from './read-schema.ts';

/** One undocumented property. */
export interface PlatformAssumption {
  /** Name of the setting of the simulator, under `guesses`. */
  readonly name: string;
  readonly description: string;
  /** The behavior of the simulator, and the expectation of the kit, unless another value is given. */
  readonly default: string | number | boolean;
}

const { $defs } = readSchema('iam-settings.schema.json') as {
  readonly $defs: {
    readonly guesses: { readonly properties: Readonly<Record<string, Omit<PlatformAssumption, 'name'>>> };
  };
};

/** Every assumption, in the order of the simulator's settings schema, which defines them. */
export const platformAssumptions: readonly PlatformAssumption[] = Object.entries($defs.guesses.properties).map(
  ([name, { description, default: value }]) => ({ name, description, default: value }),
);

/** Whether the platform is assumed to ignore undocumented keys of a 200: the default of `bodyProfile`. */
export const areExtraKeysTolerated: boolean =
  platformAssumptions.find(({ name }) => name === 'bodyProfile')?.default === 'lenient';
