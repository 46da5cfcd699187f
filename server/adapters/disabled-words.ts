// Words by which a data source indicates whether a user is disabled.
const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1', 'y', 'disabled'].map((word): [string, boolean] => [word, true]),
  ...['false', 'no', '0', 'n', 'enabled'].map((word): [string, boolean] => [word, false]),
]);

/** Returns whether a text means "disabled"; `null`: it means neither "disabled" nor "enabled". Letter case is ignored. */
export function readDisabled(text: string): boolean | null {
  return words.get(text.toLowerCase()) ?? null;
}
