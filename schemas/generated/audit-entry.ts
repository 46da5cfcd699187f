// Made by `npm run generate:types` from schemas/audit-entry.schema.json. Do not edit.

/**
 * A line of the audit trail (`audit` of the configuration): one request, who made it, about whom, what was decided, and from which state of the server. It never carries groups, authorizations or credentials.
 */
export interface AuditEntry {
  /**
   * When the answer was handed over, UTC.
   */
  time: string;
  /**
   * The X-Request-Id of the answer; the line of the access log has it too.
   */
  requestId: string;
  /**
   * Who asked: basic:NAME, certificate:SHA-256 of the certificate, or both with a space between; null: not accepted.
   */
  caller: string | null;
  /**
   * Where the request came from; behind a named proxy, its client. Empty: gone before it could be read.
   */
  address: string;
  /**
   * The HTTP method; `-`: the request could not be read.
   */
  method: string;
  /**
   * About whom, as looked up, by `audit.userid`: shown, or the first 32 digits of SHA-256 over the key and the userid. Left out: the request was refused before.
   */
  userid?: string;
  /**
   * HTTP status of the answer; 0: the caller had gone before there was one.
   */
  status: number;
  /**
   * `answered`: with user info. Else the code of error-codes.json.
   */
  decision: string;
  /**
   * Of the configuration that decided, 1 being that of the start.
   */
  generation: number;
  /**
   * Of the source's data when it was answered, 1 being its first load. Left out: the source keeps no data of its own, or was not asked.
   */
  sourceGeneration?: number;
}
