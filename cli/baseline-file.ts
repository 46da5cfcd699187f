// Owns the file of a baseline: reading it with every fault at once, and writing one that a person can go on with.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Document, isMap, isSeq } from 'yaml';
import { catalogue } from '../conformance/checks/catalogue.ts';
import type { ConformanceReport } from '../conformance/run-conformance.ts';
import { findClosestWord, suggest } from '../schemas/closest-word.ts';
import type { ConformanceBaseline } from '../schemas/generated/conformance-baseline.ts';
import { readSchema } from '../schemas/read-schema.ts';
import { type ConfigDocument, parseConfigDocument } from '../server/config/config-document.ts';
import { ConfigError, describeFault } from '../server/config/config-error.ts';
import { replaceFile } from './replace-file.ts';

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true });
addFormats.default(ajv);
const validate = ajv.compile<ConformanceBaseline>(readSchema('conformance-baseline.schema.json'));

const checkIds: readonly string[] = catalogue.flatMap(({ checks }) => checks.map(({ id }) => id));

const kinds: Readonly<Record<string, string>> = { array: 'a list', object: 'a map of options', string: 'text' };

/** Where in the file, and what; in the form of a configuration's faults. */
function toFault(document: ConfigDocument, path: readonly string[], message: string, isName = false): string {
  const place = isName ? document.placeOfName(path) : document.placeOf(path);
  const shown = path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');
  return describeFault({ ...place, path: shown.replace(/^\./, ''), message });
}

function wordError({ instancePath, keyword, params, parentSchema }: ErrorObject, document: ConfigDocument): string {
  const path = instancePath.split('/').slice(1);
  switch (keyword) {
    case 'additionalProperties': {
      const name = params.additionalProperty as string;
      const names = Object.keys((parentSchema?.properties as object | undefined) ?? {});
      return toFault(document, [...path, name], `unknown option${suggest(findClosestWord(name, names))}`, true);
    }
    case 'required':
      return toFault(document, [...path, params.missingProperty as string], 'is missing');
    case 'format':
      return toFault(document, path, 'must be a day, for example 2027-03-31');
    case 'minLength':
      return toFault(document, path, 'must not be empty');
    default:
      return toFault(document, path, `must be ${kinds[params.type as string] ?? params.type}`);
  }
}

function* findIdFaults({ knownFailures }: ConformanceBaseline, document: ConfigDocument): Generator<string> {
  for (const [index, { check }] of knownFailures.entries()) {
    const path = ['knownFailures', String(index), 'check'];
    if (!checkIds.includes(check)) {
      const guess = suggest(findClosestWord(check, checkIds));
      yield toFault(document, path, `there is no check "${check}"${guess || '.'} \`user-info explain\` lists them`);
    }
    if (knownFailures.findIndex((other) => other.check === check) < index) {
      yield toFault(document, path, 'the check stands here a second time: keep one of the two');
    }
  }
}

/** The baseline of a file, YAML or JSON; null, and all that is wrong added to `faults`, when it can't be used. */
export function readBaseline(file: string, faults: string[]): ConformanceBaseline | null {
  let document: ConfigDocument;
  try {
    document = parseConfigDocument(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ConfigError) faults.push(...error.faults.map(describeFault));
    else faults.push(`--baseline: ${file} can not be read (${(error as NodeJS.ErrnoException).code}).`);
    return null;
  }
  const { value } = document;
  if (!validate(value)) {
    faults.push(...(validate.errors ?? []).map((error) => wordError(error, document)));
    return null;
  }
  const idFaults = [...findIdFaults(value, document)];
  faults.push(...idFaults);
  return idFaults.length > 0 ? null : value;
}

/**
 * Writes a baseline as YAML with the title of each check above its entry, or as JSON when the file's name ends so.
 *
 * @throws the error of the system, with its `code`.
 */
export function writeBaseline(file: string, baseline: ConformanceBaseline, report: ConformanceReport): void {
  if (file.endsWith('.json')) {
    replaceFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
    return;
  }
  const titles = new Map(report.checks.map(({ id, title }) => [id, title]));
  const document = new Document(baseline);
  document.commentBefore = ` Known failures of ${report.target.url}. \`user-info conform --baseline\` accepts them; each needs a reason, and can have a day: until: 2027-03-31`;
  const list = document.get('knownFailures');
  if (isSeq(list)) {
    for (const entry of list.items) {
      if (isMap(entry)) entry.commentBefore = ` ${titles.get(String(entry.get('check')))}`;
    }
  }
  replaceFile(file, document.toString({ lineWidth: 0 }));
}
