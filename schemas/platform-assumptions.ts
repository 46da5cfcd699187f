// What the platform documentation leaves open, and the default of each: one list for the simulator and the conformance kit.
import { readSchema } from './read-schema.ts';

/** One thing that is not documented. */
export interface PlatformAssumption {
  /** Name of the setting of the simulator, under `guesses`. */
  readonly name: string;
  readonly description: string;
  /** What the simulator does, and what the kit expects, unless another value is given. */
  readonly default: string | number | boolean;
}

const { $defs } = readSchema('iam-settings.schema.json') as {
  readonly $defs: {
    readonly guesses: { readonly properties: Readonly<Record<string, Omit<PlatformAssumption, 'name'>>> };
  };
};

/** Every assumption, in the order of the schema of the simulator's settings, which holds them. */
export const platformAssumptions: readonly PlatformAssumption[] = Object.entries($defs.guesses.properties).map(
  ([name, { description, default: value }]) => ({ name, description, default: value }),
);

/** Whether the platform is assumed to ignore keys of a 200 that are not documented: the default of `bodyProfile`. */
export const areExtraKeysTolerated: boolean =
  platformAssumptions.find(({ name }) => name === 'bodyProfile')?.default === 'lenient';
