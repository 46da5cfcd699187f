// Owns the words for what a check needs: the options that give it, or what has to hold.
import type { Need } from './check.ts';

/** Completes "Needs: …"; in Markdown, with options as code. */
export const needWords: Readonly<Record<Need, string>> = {
  'known-user': '`--known-user`',
  'second-known-user': 'a second `--known-user`',
  'basic-credentials': '`--username` and its password',
  'client-certificate': '`--cert` and `--key`',
  'client-ca': '`--client-ca` and `--client-ca-key`',
  'expected-data': '`--expect`',
  hook: '`--break` and `--mend`',
  https: 'an https:// URL',
  intrusive: '`--intrusive`',
  control: '`--known-user`, control',
};
