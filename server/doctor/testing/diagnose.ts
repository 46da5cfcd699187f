// Runs a diagnosis from a configuration text, for tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import { loadConfig } from '../../../tests/start-server.ts';
import { diagnoseSources } from '../diagnose-source.ts';

const secretText = 'a secret that no finding may show';

/** How the configuration refers to the secret. */
export const secretReference = `$\{env:SECRET}`;

/** @param others sections of the configuration. @returns one line per finding: "place: verdict subject: text → fix". */
export async function diagnose(
  source: object,
  userid: string | null = null,
  secret = secretText,
  others: object = {},
): Promise<string[]> {
  const file = join(scratchDirectory(), 'user-info.json');
  writeFileSync(file, JSON.stringify({ authentication: { mode: 'none' }, source, ...others }));
  const lines: string[] = [];
  for (const { place, findings } of diagnoseSources(loadConfig(file, { SECRET: secret }), userid)) {
    for await (const { subject, verdict, text, cure } of findings) {
      lines.push(`${place}: ${verdict} ${subject}: ${text}${cure === undefined ? '' : ` → ${cure}`}`);
    }
  }
  return lines;
}

/** Returns the lines of one subject. */
export function linesOf(lines: readonly string[], subject: string): string[] {
  return lines.filter((line) => line.includes(` ${subject}: `));
}
