// Loads users from a CSV file with the library csv-parse: the reference that the tests compare our own parser with.
import type { CsvSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../../schemas/generated/user-info.ts';
import { answerOrder } from '../csv-columns.ts';
import { csvRules } from '../csv-faults.ts';
import type { CsvLoadOutcome, CsvUsers } from '../read-csv-file.ts';
import { readUserRows } from './csv-parse-user-rows.ts';

interface ReadUser {
  readonly firstLine: number;
  isDisabled: boolean;
  readonly groups: Set<string>;
  readonly values: Map<string, Set<string>>;
}

/**
 * Reads the file at `config.path` without blocking the event loop.
 *
 * @param encoding a name that `findEncoding` returned.
 * @throws errors of `node:fs`.
 */
export async function loadWithCsvParse(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
): Promise<CsvLoadOutcome<CsvUsers>> {
  const joinsRows = config.layout === 'long' || config.duplicates === 'merge';
  const users = new Map<string, ReadUser>();
  const attributes = new Set<string>();
  const outcome = await readUserRows(config, encoding, knownDigests, (row, faults) => {
    const known = users.get(row.userid);
    if (known !== undefined && !joinsRows) {
      faults.add(row.line, csvRules.useridRepeated(known.firstLine));
      return;
    }
    const user = known ?? { firstLine: row.line, isDisabled: false, groups: new Set(), values: new Map() };
    users.set(row.userid, user);
    user.isDisabled ||= row.isDisabled;
    for (const { attribute, text } of row.items) {
      if (attribute === null) user.groups.add(text);
      else {
        attributes.add(attribute);
        user.values.set(attribute, (user.values.get(attribute) ?? new Set()).add(text));
      }
    }
  });
  if (outcome.kind !== 'loaded') return outcome;
  const order = answerOrder([
    ...(config.layout === 'wide' ? outcome.loaded.values.map(({ name }) => name) : attributes),
  ]);
  return { ...outcome, loaded: toCsvUsers(users, order, config.caseInsensitive) };
}

/** Empties `read` in the process: both maps together would take gigabytes. */
function toCsvUsers(read: Map<string, ReadUser>, order: readonly string[], folds: boolean): CsvUsers {
  const answers = new Map<string, UserInfo>();
  const disabled = new Set<string>();
  for (const [userid, { isDisabled, groups, values }] of read) {
    read.delete(userid);
    if (isDisabled) {
      disabled.add(userid);
      continue;
    }
    const named = order.flatMap((name): [string, string[]][] =>
      values.has(name) ? [[name, [...(values.get(name) ?? [])]]] : [],
    );
    answers.set(userid, { groups: [...groups].map((name) => ({ name })), authorizations: Object.fromEntries(named) });
  }
  return {
    size: answers.size,
    isDisabled: (userid) => disabled.has(folds ? userid.toLowerCase() : userid),
    find: (userid) => structuredClone(answers.get(folds ? userid.toLowerCase() : userid) ?? null),
  };
}
