// Generator of docs/reference/errors.md from the catalogue of error codes, schemas/error-codes.json.
import { STATUS_CODES } from 'node:http';
import { errorCodes } from '../../schemas/error-codes.ts';

const head = `# Error codes

Every response other than 200 is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Its \`code\` states
what happened; the meaning of a code never changes. Its \`requestId\` identifies the request in the server's log. A problem document never
contains \`groups\` or \`authorizations\`.

\`\`\`json
{
  "type": "urn:user-info-kit:problem:user-unknown",
  "title": "No such user, or the user is disabled.",
  "status": 404,
  "code": "user-unknown",
  "requestId": "0b6f2c1e4f0a4d3e9a516d1f7f1f2a10"
}
\`\`\`

[schemas/error-codes.json](../../schemas/error-codes.json) contains the same table in machine-readable form. The headers of each response are in
[schemas/openapi.yaml](../../schemas/openapi.yaml).
`;

/** Returns docs/reference/errors.md: the codes by status, each with its meaning and what the operator should do. */
export function generateErrorsPage(): string {
  const rows = Object.entries(errorCodes);
  const statuses = [...new Set(rows.map(([, { status }]) => status))].sort((a, b) => a - b);
  const sections = statuses.map((status) => {
    const codes = rows
      .filter(([, row]) => row.status === status)
      .map(([code, { title, operator }]) => `### ${code}\n\n**${title}** ${operator}\n`);
    return `## ${status} ${STATUS_CODES[status] ?? ''}\n\n${codes.join('\n')}`;
  });
  return `${head}\n${sections.join('\n')}`;
}
