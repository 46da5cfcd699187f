// Made by `npm run generate:types` from schemas/audit-entry.schema.json. Do not edit.

/**
 * One line of the audit trail, which the option `audit` in the configuration turns on. It records one request: the caller, the requested user, the decision, and the generations of configuration and data. It never contains groups, authorizations or credentials.
 */
export interface AuditEntry {
  /**
   * Time at which the server created this line, in UTC. The server hands the response over for sending just before or, with `whenUnwritable: refuse`, afterwards.
   */
  time: string;
  /**
   * X-Request-Id of the response. The access log contains the same id.
   */
  requestId: string;
  /**
   * Authenticated caller: basic:NAME, certificate:SHA-256 of the certificate, or both separated by a space. anybody: the configuration requires no authentication. null: the request was not authenticated.
   */
  caller: string | null;
  /**
   * IP address of the client. Behind a trusted proxy, the address of the client of that proxy. Empty: the connection was closed before the server could read the address.
   */
  address: string;
  /**
   * HTTP method. `-`: the server could not read the request.
   */
  method: string;
  /**
   * Requested userid in the form that the server looked up. `audit.userid` selects the format: the userid itself, or the first 32 hexadecimal digits of SHA-256 over the key and the userid. Absent: the server rejected the request before the lookup.
   */
  userid?: string;
  /**
   * HTTP status of the response. 0: no complete response was sent, usually because the caller disconnected first.
   */
  status: number;
  /**
   * `answered`: the server responded with user info, or would have if the caller had not disconnected (status 0). Otherwise: an error code of error-codes.json.
   */
  decision: string;
  /**
   * Generation of the configuration that applied to the request. 1 is the configuration at startup.
   */
  generation: number;
  /**
   * Generation of the source data at the time of the response. 1 is the first load. Absent: the source keeps no data of its own, or the server rejected the request before the lookup.
   */
  sourceGeneration?: number;
}
