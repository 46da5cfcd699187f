// Selection of checks by id or topic: only these, or all except these.
import { findClosestWord, suggest } from '../schemas/closest-word.ts';
import type { Topic } from './check.ts';

/** Ids of checks and names of topics; see topicName. */
export interface CheckSelection {
  /** Absent: all. */
  readonly only?: readonly string[] | undefined;
  /** Removed from those. */
  readonly skip?: readonly string[] | undefined;
}

/** Returns a topic's title as one word for a command line, e.g. "a-known-user", "tls". The title itself is accepted too. */
export function topicName({ title }: Pick<Topic, 'title'>): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function* findWordFaults(flag: string, words: readonly string[], topics: readonly Topic[]): Generator<string> {
  const names = [...topics.map(topicName), ...topics.flatMap(({ checks }) => checks.map(({ id }) => id))];
  for (const word of words) {
    if (names.includes(topicName({ title: word }))) continue;
    const guess = suggest(findClosestWord(word, names));
    yield `${flag}: there is no check and no topic "${word}"${guess || '.'} \`user-info explain\` lists them.`;
  }
}

/** Returns the topics with the selected checks; omits topics that contain none. */
export function selectChecks(topics: readonly Topic[], { only, skip = [] }: CheckSelection): readonly Topic[] {
  const named = (words: readonly string[]) => new Set(words.map((title) => topicName({ title })));
  const wanted = only && named(only);
  const unwanted = named(skip);
  return topics.flatMap((topic) => {
    const name = topicName(topic);
    const checks = topic.checks.filter(
      ({ id }) => (!wanted || wanted.has(id) || wanted.has(name)) && !unwanted.has(id) && !unwanted.has(name),
    );
    return checks.length > 0 ? [{ ...topic, checks }] : [];
  });
}

/** Returns the errors in a selection: unknown words, and an empty selection. */
export function findSelectionFaults(topics: readonly Topic[], selection: CheckSelection): string[] {
  const { only = [], skip = [] } = selection;
  const faults = [...findWordFaults('--only', only, topics), ...findWordFaults('--skip', skip, topics)];
  if (faults.length === 0 && selectChecks(topics, selection).length === 0) {
    faults.push('--only and --skip select no check. Change them: a run without checks proves nothing.');
  }
  return faults;
}
