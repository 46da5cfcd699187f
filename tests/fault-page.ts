// Text of docs/reference/faults.md: the table of what was seen in the fault matrix.
import { deadlineMs, type FaultName, faultNames } from './fault-matrix.ts';

const head = `# What happens when a backend fails

Measured, not promised: \`tests/fault-matrix.test.ts\` starts the server on each kind of source with a real backend (OpenLDAP, Samba,
PostgreSQL, MariaDB, MySQL, an HTTPS API, files; TLS wherever there is a network), brings each fault about while it runs, and asks. A
lookup has ${deadlineMs / 1000} s there. \`npm run generate:fault-table\` writes what it saw into this page.

Each cell is the answer for a user who is there. While nobody can tell who is there, an unknown user gets the same error and
never 404. When the fault is gone, the same server answers completely again, without a restart; no connection is left at its end,
and no more were open than configured. What is told to a server with a wrong certificate: nothing.
`;

const foot = `
- **200, complete**: all groups and values; the fault does not matter.
- **200, last good data**: \`csv\` and \`ldif\` go on with what they loaded; \`/readyz\` says \`degraded\` and why. A file cut
  exactly at the end of a line is no different from a shorter one, which \`maxShrinkPercent\` refuses, but not at the first load;
  replace files by renaming them.
- **200, without the optional source**: the source has \`required: false\` and \`mayShrinkAccess: true\`.
- **200, stale and marked**: there is a cache with \`staleIfError\`, here of 6 s behind a \`ttlSeconds\` of 1. The answer has the header
  \`User-Info-Stale-Seconds\`, and none was older than both together. A bad answer is an error at once, whatever was known before.
- A bind that \`ldap\` was refused is tried again after a minute, or the account would soon be locked; everything else recovers
  with the next lookups.
- The disk under the log is full: the answers are the same, and log lines are lost.
- What \`module\` answers is up to the module. This one throws a \`SourceError\` for every doubt.
- **Garbage bytes**: within TLS, every byte of the backend is inverted. \`tests/garbled-answers.test.ts\` flips, inserts, repeats and drops
  single bytes as well, with and without TLS: the answer is right or an error, and the process goes on.
- **Answer to another user repeated**: the backend sends an older answer, to a lookup of another user. That user's groups are never
  returned. LDAP ignores other message numbers, so here it gets the current one. All compare the user in it. An old answer to the same user can't be detected.
- What libraries and servers do that one would not think, and the test of each: [traps](traps.md).
`;

/** @param outcomeOf what was seen; what begins with a dash is the reason why there is nothing to see. */
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
  return `${head}\n${table}\n\n–: there is no such fault. ${notes}.\n${foot}`;
}
