// Validates an HTTP response against schemas/openapi.yaml.
import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { type ErrorCode, errorCodes } from '../schemas/error-codes.ts';
import { readSchema } from '../schemas/read-schema.ts';
import { describeSchemaErrors } from '../schemas/validators.ts';

interface Reference {
  readonly $ref: string;
}
interface HeaderDescription {
  readonly required: boolean;
  readonly schema: Record<string, unknown>;
}
interface MediaType {
  readonly schema: Reference;
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
}
/** A response object of the description; its headers are references, its body schemas are files. */
export interface ResponseDescription {
  readonly description: string;
  readonly headers: Readonly<Record<string, Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Reference>>;
}
interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, { readonly get: Operation; readonly head: Operation }>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly headers: Readonly<Record<string, HeaderDescription>>;
    readonly responses: Readonly<Record<string, ResponseDescription>>;
  };
}

/** Headers as Node returns them: names in lower case. */
type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** schemas/openapi.yaml, parsed; references are not resolved. */
export const openApi = parse(
  readFileSync(new URL('../schemas/openapi.yaml', import.meta.url), 'utf8'),
) as OpenApiDocument;

const ajv = new Ajv2020({ strict: true });
const compiled = new Map<string, ValidateFunction>();

/** Compiles each schema once; `key` names it. */
function validatorOf(key: string, schema: () => Record<string, unknown>): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const made = ajv.compile(schema());
  compiled.set(key, made);
  return made;
}

function lastSegment({ $ref }: Reference): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}

function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError({ message });
}

/** Returns the operation of the only path for a method in lower case. */
export function operationOf(method: 'get' | 'head'): Operation {
  const path = openApi.paths['/user-info'];
  ensure(path !== undefined, 'openapi.yaml does not describe /user-info');
  return path[method];
}

/** Returns the documentation of a status, or `null` when the status is not documented. */
export function findResponse(method: 'get' | 'head', status: number): ResponseDescription | null {
  const reference = operationOf(method).responses[String(status)];
  return reference ? (openApi.components.responses[lastSegment(reference)] ?? null) : null;
}

/** Returns the validator for a JSON Schema file that openapi.yaml names as a body. */
export function bodyValidator(media: MediaType): ValidateFunction {
  const file = lastSegment(media.schema);
  return validatorOf(file, () => readSchema(file));
}

function assertHeaders(response: ResponseDescription, headers: AnswerHeaders, where: string): void {
  for (const [name, reference] of Object.entries(response.headers)) {
    const description = openApi.components.headers[lastSegment(reference)];
    ensure(description !== undefined, `openapi.yaml has no header component for ${name}`);
    const value = headers[name.toLowerCase()];
    if (value === undefined) {
      ensure(!description.required, `${where} lacks the header ${name}`);
      continue;
    }
    const validate = validatorOf(`header ${name}`, () => description.schema);
    ensure(validate(value), `${where}: header ${name} is ${JSON.stringify(value)}: ${describeErrors(validate)}`);
  }
}

function describeErrors(validate: ValidateFunction): string {
  return describeSchemaErrors(validate.errors);
}

/** Requirements that JSON Schema cannot express: a problem document matches its status line, its headers and the catalogue. */
function assertProblemAgrees(body: Record<string, unknown>, status: number, headers: AnswerHeaders): void {
  const { code, title, type, requestId } = body;
  const row = errorCodes[code as ErrorCode];
  ensure(row !== undefined, `code ${String(code)} is not in schemas/error-codes.json`);
  ensure(row.status === status, `code ${String(code)} belongs to status ${row.status}, and was sent with ${status}`);
  ensure(body.status === status, `the problem says status ${String(body.status)}, the status line ${status}`);
  ensure(title === row.title, `code ${String(code)} has another title in the catalogue: ${row.title}`);
  ensure(type === `urn:user-info-kit:problem:${String(code)}`, `type ${String(type)} does not end in the code`);
  ensure(requestId === headers['x-request-id'], 'requestId and the header X-Request-Id differ');
}

function assertBody(response: ResponseDescription, status: number, headers: AnswerHeaders, body: string | null): void {
  const where = `status ${status}`;
  const contentType = String(headers['content-type'] ?? '(none)');
  const media = response.content?.[contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
  ensure(media !== undefined, `${where}: content type ${contentType} is not one that openapi.yaml names`);
  if (body === null) return;
  const json = JSON.parse(body) as Record<string, unknown>;
  const validate = bodyValidator(media);
  ensure(validate(json), `${where}: the body breaks ${lastSegment(media.schema)}: ${describeErrors(validate)}`);
  if (status >= 400) assertProblemAgrees(json, status, headers);
}

/**
 * Checks a response of the endpoint against schemas/openapi.yaml: a documented status, every required header, the values of documented headers, and
 * the content type. The body must match its JSON Schema. A problem document must also agree with the status line, with X-Request-Id and with the
 * catalogue of error codes.
 *
 * @param method as it was sent, in upper or lower case. For undocumented methods, only errors are accepted.
 * @param headers names in lower case, as Node and supertest return them.
 * @param body the whole body as text; "" when there was none.
 * @throws {AssertionError} naming the first deviation. The error quotes headers, but never the body of a 200 response.
 */
export function assertMatchesOpenApi(method: string, status: number, headers: AnswerHeaders, body: string): void {
  const name = method.toLowerCase();
  const documented = name === 'get' || name === 'head';
  const response = findResponse(name === 'head' ? 'head' : 'get', status);
  ensure(response !== null, `status ${status} is not documented in openapi.yaml`);
  ensure(documented || status >= 400, `${method} was answered with ${status}, and is not documented`);
  assertHeaders(response, headers, `status ${status}`);
  ensure(name !== 'head' || body === '', `${method} was answered with a body of ${body.length} characters`);
  assertBody(response, status, headers, name === 'head' ? null : body);
}
