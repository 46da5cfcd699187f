// Baseline file: reads it, reporting all errors at once, and writes one that can be edited.
import { Document, isMap, isSeq } from 'yaml';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import type { ConformanceReport } from '../../conformance/run-conformance.ts';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { loadValidator } from '../../schemas/compile-schema.ts';
import type { ConformanceBaseline } from '../../schemas/generated/conformance-baseline.ts';
import { replaceFile } from '../replace-file.ts';
import { readSchemaFile, type SchemaFile } from '../schema-file.ts';

const checkIds: readonly string[] = catalogue.flatMap(({ checks }) => checks.map(({ id }) => id));

function* findIdFaults({ value: { knownFailures }, toFault }: SchemaFile<ConformanceBaseline>): Generator<string> {
  for (const [index, { check }] of knownFailures.entries()) {
    const path = ['knownFailures', String(index), 'check'];
    if (!checkIds.includes(check)) {
      const guess = suggest(findClosestWord(check, checkIds));
      yield toFault(path, `there is no check "${check}"${guess || '.'} \`user-info explain\` lists all checks`);
    }
    if (knownFailures.findIndex((other) => other.check === check) < index) {
      yield toFault(path, 'the check is listed twice: keep one of the two entries');
    }
  }
}

/** Returns the baseline in a YAML or JSON file; null if it is invalid, with all errors added to `faults`. */
export function readBaseline(file: string, faults: string[]): ConformanceBaseline | null {
  const validate = loadValidator<ConformanceBaseline>('conformance-baseline');
  const read = readSchemaFile('--baseline', file, validate, faults);
  if (!read) return null;
  const idFaults = [...findIdFaults(read)];
  faults.push(...idFaults);
  return idFaults.length > 0 ? null : read.value;
}

/**
 * Writes a baseline as YAML with the title of each check above its entry, or as JSON if the file name ends in .json.
 *
 * @throws the system error with its `code`.
 */
export function writeBaseline(file: string, baseline: ConformanceBaseline, report: ConformanceReport): void {
  if (file.endsWith('.json')) {
    replaceFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
    return;
  }
  const titles = new Map(report.checks.map(({ id, title }) => [id, title]));
  const document = new Document(baseline);
  document.commentBefore = ` Known failures of ${report.target.url}. \`user-info conform --baseline\` accepts them. Each needs a reason, and can have an expiry date, e.g. until: 2027-03-31`;
  const list = document.get('knownFailures');
  if (isSeq(list)) {
    for (const entry of list.items) {
      if (isMap(entry)) entry.commentBefore = ` ${titles.get(String(entry.get('check')))}`;
    }
  }
  replaceFile(file, document.toString({ lineWidth: 0 }));
}
