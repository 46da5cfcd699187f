// JSON of a run with its users, written one by one, since the whole can be larger than a string.
import { escapeOrdersInJson } from '../../schemas/printable-text.ts';
import { assumedBy } from '../../simulator/sync/guess-origins.ts';
import { eachRunUser, type RunStore } from '../../simulator/sync/run-store.ts';
import { readState } from '../../simulator/sync/user-state.ts';

/** So many characters are written at once, about. */
const partLength = 65_536;

/**
 * The text of the report in parts, with two spaces. Of the users those who changed, or for whom no answer came.
 *
 * @param more stands behind the users.
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

/** Strings of JSON hold no line break, so that each one is between two parts. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

/** Prints the report so that it moves no cursor, no faster than it is taken, and no further than whoever reads it wants. */
export async function printRunJson(runs: RunStore, id: number, more: object = {}): Promise<void> {
  for (const part of writeRunJson(runs, id, more)) {
    if (!process.stdout.write(escapeOrdersInJson(part)) && !(await isDrained(process.stdout))) return;
  }
}

/** False: the reader closed the pipe, which main.ts treats as a normal end. */
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
