// Decoding of the content coding of a body.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { answerLimits } from './answer-limits.ts';

const decoders: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

export interface DecodedContent {
  /** The decoded bytes, or the given bytes if there is no coding, the coding is unknown or wrong, or the result is too large. */
  readonly body: Buffer;
  /** Whether the decoded bytes exceed what the kit reads. */
  readonly isTooLarge: boolean;
}

export function decodeContent(bytes: Buffer, coding: string | null): DecodedContent {
  const name = coding?.trim().toLowerCase() ?? '';
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (!decode || bytes.length === 0) return { body: bytes, isTooLarge: false };
  try {
    return { body: decode(bytes, { maxOutputLength: answerLimits.maxBodyBytes }), isTooLarge: false };
  } catch (error) {
    return { body: bytes, isTooLarge: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' };
  }
}
