// Text for what a check needs: the options that provide it, or a condition.
import type { Need } from './check.ts';

/** Completes "Needs: …"; in Markdown, with options as code. */
export const needTexts: Readonly<Record<Need, string>> = {
  'known-user': '`--known-user`',
  'second-known-user': 'a second `--known-user`',
  'basic-credentials': '`--username` and its password',
  'client-certificate': '`--cert` and `--key`, or `--pfx`',
  'client-ca': '`--client-ca` and `--client-ca-key`',
  'expected-data': '`--expect`',
  hook: '`--break` and `--restore`',
  'plus-user': 'a `--known-user` with a plus sign or a space in the name',
  'two-form-user': 'a `--known-user` with a letter such as é in the name',
  'more-failed-logins': '`--max-failed-logins 7` or more',
  'declared-case': '`--userid-case`',
  'undeclared-case': 'no `--userid-case`',
  'declared-spaces': '`--userid-spaces`',
  'undeclared-spaces': 'no `--userid-spaces`',
  'latency-bound': '`--max-p95-ms`',
  https: 'an https:// URL',
  intrusive: '`--intrusive`',
  explore: '`--explore`',
  control: '`--known-user`, control',
};
