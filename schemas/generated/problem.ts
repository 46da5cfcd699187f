// Made by `npm run generate:types` from schemas/problem.schema.json. Do not edit.

/**
 * The body of every response other than a 200: an RFC 9457 problem document with our code and the request id. It never contains groups or authorizations, since lenient consumers parse any JSON body.
 */
export interface Problem {
  /**
   * RFC 9457, section 3.1.1: identifies the kind of problem. The last segment is the error code.
   */
  type: string;
  /**
   * RFC 9457, section 3.1.3: the meaning of the code, the same for each occurrence. It never contains any part of the request.
   */
  title: string;
  /**
   * RFC 9457, section 3.1.2: the HTTP status of the response.
   */
  status: number;
  /**
   * Permanent and readable; error-codes.json lists all codes.
   */
  code: string;
  /**
   * Identifies the request in the access log.
   */
  requestId: string;
}
