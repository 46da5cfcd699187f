// Generator of docs/reference/exit-codes.md from cli/exit-codes.ts: the numbers and their doc comments.
import { readFileSync } from 'node:fs';

const head = `# Exit codes

Every command of \`user-info\` exits with one of these codes. Scripts can rely on the codes; messages can change.
At a prompt of \`init\` or \`hash-password\`, and in \`simulate sync\`, \`login\`, \`compare\`, \`load\` and \`scenario\`, Ctrl-C terminates the command; shells show 130.

| code | name | meaning |
|---|---|---|
`;

const entry = /\/\*\* (?<meaning>.+?) \*\/\s+(?<name>\w+): (?<code>\d+),/g;

/** Returns docs/reference/exit-codes.md: one row per exit code. */
export function generateExitCodesPage(): string {
  const source = readFileSync(new URL('../../cli/exit-codes.ts', import.meta.url), 'utf8');
  const rows = [...source.matchAll(entry)].map(
    ({ groups }) => `| ${groups?.code} | ${groups?.name} | ${groups?.meaning} |\n`,
  );
  return head + rows.join('');
}
