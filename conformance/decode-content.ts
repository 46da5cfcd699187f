// Owns undoing the content coding of a body.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { maxAnswerBytes } from './question.ts';

const decoders: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** The decoded bytes; `bytes` itself when the coding is none, is not known, or does not fit the bytes. */
export function decodeContent(bytes: Buffer, coding: string | null): Buffer {
  const decode = decoders[coding?.trim().toLowerCase() ?? ''];
  if (!decode || bytes.length === 0) return bytes;
  try {
    return decode(bytes, { maxOutputLength: maxAnswerBytes });
  } catch {
    return bytes;
  }
}
