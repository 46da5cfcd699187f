// Reader of experiments.yaml, which contains the experiments as data; simulator/learn/measurements.ts contains the code of the measurements.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describeOptionErrors } from '../../schemas/describe-option-error.ts';
import type { LearnExperiments } from '../../schemas/generated/learn-experiments.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { type LearnExperiment, toExperiment } from './variants.ts';

const validate = new Ajv2020({ strict: true, allErrors: true, verbose: true }).compile<LearnExperiments>(
  readSchema('learn-experiments.schema.json'),
);

/** Returns the experiments that a YAML text defines. @throws {Error} listing all errors, when the text does not match the schema. */
export function parseExperiments(text: string): LearnExperiments {
  const value: unknown = parse(text);
  if (!validate(value)) throw new Error(`experiments.yaml: ${describeOptionErrors(validate.errors)}`);
  return value;
}

const all = parseExperiments(readFileSync(new URL('experiments.yaml', import.meta.url), 'utf8'));

/** `action` is the operator's action in each step that does not specify a different one. */
export const { action, measurements, variants } = all;

/** Includes the variants. */
export const experiments: readonly LearnExperiment[] = [...all.experiments, ...variants.map(toExperiment)];
