// Makes docs/reference/exit-codes.md from cli/exit-codes.ts: the numbers, and what their doc comments say.
import { readFileSync } from 'node:fs';

const head = `# Exit codes

Every command of \`user-info\` ends with one of these. A script may rely on them; the words on the terminal may change.
Ctrl-C at a question of \`init\` or \`hash-password\` ends them by the signal: shells show 130. So it does with \`simulate sync\`, \`login\`, \`compare\`, \`load\` and \`scenario\`.

| code | name | meaning |
|---|---|---|
`;

const entry = /\/\*\* (?<meaning>.+?) \*\/\s+(?<name>\w+): (?<code>\d+),/g;

/** docs/reference/exit-codes.md: one row an exit code. */
export function generateExitCodesPage(): string {
  const source = readFileSync(new URL('../cli/exit-codes.ts', import.meta.url), 'utf8');
  const rows = [...source.matchAll(entry)].map(
    ({ groups }) => `| ${groups?.code} | ${groups?.name} | ${groups?.meaning} |\n`,
  );
  return head + rows.join('');
}
