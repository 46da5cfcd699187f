// Limits on what the kit reads of one response. If a response exceeds one, the kit reports a finding and closes the connection.

export const answerLimits = {
  /** Bytes of a status line with its headers. Node's own parser stops at 16 KiB; the response is then read over a plain socket. */
  maxHeadBytes: 64 * 1024,
  /** Header fields of one response. */
  maxHeaderFields: 1000,
  /** Bytes of interim (1xx) responses before the final one. */
  maxInterimBytes: 1024 * 1024,
  /** Bytes of a body, before and after content decoding. A user with 10,000 groups needs 2 MB at most; a typical user needs a few kilobytes. */
  maxBodyBytes: 4 * 1024 * 1024,
  /** Bytes of chunk sizes, chunk extensions and trailers. */
  maxFramingBytes: 4 * 1024 * 1024,
  /** Maximum number of bytes that are counted after the end of a response. */
  maxSurplusBytes: 1024 * 1024,
  /** Bytes of different bodies that are kept in one run, because checks share responses. Later bodies are truncated to 64 KiB. */
  maxKeptBytes: 32 * 1024 * 1024,
} as const;

const formatBytes = (bytes: number) => bytes.toLocaleString('en-US');

/** The limit that a response exceeds: completes "Seen: …". */
export const exceededLimits = {
  head: `a status line and headers of more than ${formatBytes(answerLimits.maxHeadBytes)} bytes`,
  fields: `more than ${formatBytes(answerLimits.maxHeaderFields)} header fields`,
  interim: `more than ${formatBytes(answerLimits.maxInterimBytes)} bytes of interim (1xx) responses`,
  body: `a body of more than ${formatBytes(answerLimits.maxBodyBytes)} bytes, and the kit did not read the rest`,
  framing: `more than ${formatBytes(answerLimits.maxFramingBytes)} bytes of chunk sizes, chunk extensions and trailers`,
  kept: `one of many different bodies with more than ${formatBytes(answerLimits.maxKeptBytes)} bytes in total, which is more than the kit keeps`,
} as const;

export type ExceededLimit = keyof typeof exceededLimits;
