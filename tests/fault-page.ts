// Text of docs/reference/faults.md: the results of the fault matrix as a table.
import { deadlineMs, type FaultName, faultNames } from './fault-matrix.ts';

const head = `# What happens when a backend fails

\`tests/fault-matrix.services.test.ts\` starts the server with each kind of data source on a real backend (OpenLDAP, Samba,
PostgreSQL, MariaDB, MySQL, an HTTPS API, files; TLS wherever there is a network), injects each fault while the server runs, and sends requests. The
lookup limit is ${deadlineMs / 1000} s. \`npm run generate:fault-table\` writes the results into this page.

Each cell is the response for a known user. While the backend cannot confirm which users exist, an unknown user gets the same error and
never 404. After the fault, the same server returns complete responses again without a restart, with no leaked connection
and never more connections than configured. A server with a wrong certificate receives no data.
`;

const foot = `
- **200, complete**: all groups and values; the fault has no effect.
- **200, last good data**: \`csv\` and \`ldif\` keep the loaded data; \`/readyz\` reports \`degraded\` with the reason. A file truncated
  exactly at the end of a line looks like a complete, shorter file. \`maxShrinkPercent\` rejects it only if too many users are missing, and never at the first load.
  Replace files by renaming.
- **200, without the optional source**: the source has \`required: false\` and \`mayShrinkAccess: true\`.
- **200, stale and marked**: a cache with \`staleIfError\` of 6 s and \`ttlSeconds\` of 1. The response has the header
  \`User-Info-Stale-Seconds\`, and the data was never older than the sum of the two times. A malformed result causes an error immediately, whatever the cache contains.
- After a rejected bind, \`ldap\` waits for a minute, so that the account is not locked. Everything else recovers
  with the next lookups.
- If the log's disk is full, responses are unaffected, but log lines are lost.
- The result of \`module\` depends on the module. This one throws a \`SourceError\` for every failure.
- **Garbage bytes**: within TLS, every byte from the backend is inverted. \`tests/garbled-answers.services.test.ts\` flips, inserts, repeats and drops
  single bytes as well, with and without TLS: the response is correct or an error, and the process continues.
- **Response for another user repeated**: the backend repeats an older response to a lookup of another user. That user's groups are never
  returned. LDAP clients ignore responses with other message IDs, so the test uses the current one. All sources compare the user in the response with the requested one. An old response for the same user cannot be detected.
- Unexpected behavior of libraries and servers, with tests: [known traps](traps.md).
`;

/** @param outcomeOf the result of a fault; a text that begins with a dash is the reason why the fault does not exist. */
export function faultPage(
  subjects: readonly string[],
  outcomeOf: (subject: string, fault: FaultName) => string,
): string {
  const reasons: string[] = [];
  const cellOf = (outcome: string) => {
    if (!outcome.startsWith('– ')) return outcome;
    const reason = outcome.slice(2);
    if (!reasons.includes(reason)) reasons.push(reason);
    return `– (${reasons.indexOf(reason) + 1})`;
  };
  const rows = faultNames.map((fault) => [fault, ...subjects.map((subject) => cellOf(outcomeOf(subject, fault)))]);
  const lines = [['fault', ...subjects], ['---', ...subjects.map(() => '---')], ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const notes = reasons.map((reason, index) => `(${index + 1}) ${reason}`).join('; ');
  return `${head}\n${table}\n\n–: the fault cannot occur. ${notes}.\n${foot}`;
}
