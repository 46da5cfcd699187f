// JSON of a run with its users, written one by one, because the whole can exceed the maximum length of a string.
import { escapeOrdersInJson } from '../../schemas/printable-text.ts';
import { assumedBy } from '../../simulator/sync/guess-origins.ts';
import { eachRunUser, type RunStore } from '../../simulator/sync/run-store.ts';
import { readState } from '../../simulator/sync/user-state.ts';

/** Approximate number of characters per write. */
const partLength = 65_536;

/**
 * Yields the report in parts, indented by two spaces. It contains the users who changed or could not be retrieved.
 *
 * @param more properties after the users.
 */
export function* writeRunJson(runs: RunStore, id: number, more: object = {}): Generator<string> {
  const { settings, ...run } = runs.get(id);
  const head = JSON.stringify({ ...run, settings, ...assumedBy({ ...run, settings }) }, null, 2);
  let part = `${head.slice(0, -'\n}'.length)},\n  "users": [`;
  let isFirst = true;
  for (const { userid, outcome, status, detail, before, after } of eachRunUser(runs, id)) {
    if (after === null && outcome === 'user') continue;
    const user = {
      ...{ userid, outcome, status, detail },
      before: before === null ? null : readState(before),
      after: after === null ? null : readState(after),
    };
    part += `${isFirst ? '' : ','}\n    ${indented(user, '    ')}`;
    isFirst = false;
    if (part.length < partLength) continue;
    yield part;
    part = '';
  }
  const others = Object.entries(more).map(([key, value]) => `,\n  ${JSON.stringify(key)}: ${indented(value, '  ')}`);
  yield `${part}${isFirst ? '' : '\n  '}]${others.join('')}\n}\n`;
}

/** JSON strings contain no line breaks, so each line break is between two parts. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

/** Prints the report with control characters escaped, at the speed of the reader, and stops when the reader does. */
export async function printRunJson(runs: RunStore, id: number, more: object = {}): Promise<void> {
  for (const part of writeRunJson(runs, id, more)) {
    if (!process.stdout.write(escapeOrdersInJson(part)) && !(await isDrained(process.stdout))) return;
  }
}

/** Resolves to false if the reader closed the pipe, which main.ts treats as a normal end. */
function isDrained(stream: NodeJS.WriteStream): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isTaken: boolean) => {
      stream.off('drain', onDrain).off('error', onError);
      resolve(isTaken);
    };
    const onDrain = () => end(true);
    const onError = () => end(false);
    stream.on('drain', onDrain).on('error', onError);
  });
}
