// Reader of schemas/simulator-api.yaml: its operations and the validators of their requests.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Reference {
  readonly $ref: string;
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: ReadonlyArray<Parameter | Reference>;
  readonly requestBody?: Body | Reference;
  readonly responses: Readonly<Record<string, Body | Reference>>;
}

const methods = ['get', 'put', 'patch', 'post', 'delete'] as const;
export type ApiMethod = (typeof methods)[number];
type PathItem = Readonly<Partial<Record<ApiMethod, Operation>>> & Pick<Operation, 'parameters'>;

interface ApiDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly requestBodies: Readonly<Record<string, Body>>;
    readonly responses: Readonly<Record<string, Body>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

/** One operation. Validators apply defaults, and convert strings in a URL to numbers and booleans. */
export interface ApiOperation {
  readonly id: string;
  readonly method: ApiMethod;
  /** Path template of the description, with parameters as `{name}`. */
  readonly path: string;
  readonly needsKey: boolean;
  readonly validatePath: ValidateFunction;
  readonly validateQuery: ValidateFunction;
  /** Null: no body. */
  readonly validateBody: ValidateFunction | null;
  /** Status of the only success response. */
  readonly successStatus: number;
  /** Whether the success response is a stream of server-sent events. */
  readonly isStream: boolean;
  /** Validates the bodies of the success response and of the error response; null: there are none. */
  readonly validateAnswer: ValidateFunction | null;
  readonly validateRefusal: ValidateFunction;
}

export interface ApiDescription {
  readonly version: string;
  readonly operations: readonly ApiOperation[];
}

const definitionsId = 'urn:user-info-kit:simulator-api';

/** Reads the description. @throws if the file is missing or invalid, i.e. the package is damaged. */
export function readApiDescription(): ApiDescription {
  const text = readFileSync(new URL('../../schemas/simulator-api.yaml', import.meta.url), 'utf8');
  const document = withOwnReferences(parse(text)) as ApiDocument;
  const forUrls = createAjv(document, true);
  const forBodies = createAjv(document, false);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
        '$ref' in parameter ? resolve(document.components.parameters, parameter) : parameter,
      );
      const [status = '', answer] = Object.entries(operation.responses).find(([key]) => key.startsWith('2')) ?? [];
      const { requestBodies, responses } = document.components;
      const body = schemaOf(requestBodies, operation.requestBody);
      const answerSchema = schemaOf(responses, answer);
      const refusalSchema = schemaOf(responses, operation.responses['4XX']);
      if (refusalSchema === null) throw new Error(`${operation.operationId} describes no error response`);
      return [
        {
          id: operation.operationId,
          method,
          path,
          needsKey: operation.security === undefined,
          validatePath: forUrls.compile(toObject(parameters, 'path')),
          validateQuery: forUrls.compile(toObject(parameters, 'query')),
          validateBody: body ? forBodies.compile(body) : null,
          successStatus: Number(status),
          isStream: contentOf(responses, answer)['text/event-stream'] !== undefined,
          validateAnswer: answerSchema && forBodies.compile(answerSchema),
          validateRefusal: forBodies.compile(refusalSchema),
        },
      ];
    }),
  );
  return { version: document.info.version, operations };
}

function createAjv(document: ApiDocument, coerceTypes: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    useDefaults: true,
    coerceTypes,
  });
  addFormats.default(ajv);
  return ajv.addSchema({ $id: definitionsId, $defs: document.components.schemas });
}

/** Rewrites references to schemas of the document so that they refer to the definitions of the validators. */
function withOwnReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOwnReferences);
  if (typeof value === 'string') return value.replace(/^#\/components\/schemas\//, `${definitionsId}#/$defs/`);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOwnReferences(item)]));
}

function resolve<Item>(items: Readonly<Record<string, Item>>, { $ref }: Reference): Item {
  const item = items[$ref.slice($ref.lastIndexOf('/') + 1)];
  if (item === undefined) throw new Error(`the description has no ${$ref}`);
  return item;
}

type Bodies = Readonly<Record<string, Body>>;

function contentOf(named: Bodies, body: Body | Reference | undefined): NonNullable<Body['content']> {
  if (body === undefined) return {};
  return ('$ref' in body ? resolve(named, body) : body).content ?? {};
}

function schemaOf(named: Bodies, body: Body | Reference | undefined): Schema | null {
  return contentOf(named, body)['application/json']?.schema ?? null;
}

/** Parameters that the description does not contain are rejected: a misspelled filter would otherwise show all users. */
function toObject(parameters: readonly Parameter[], where: Parameter['in']): Schema {
  const own = parameters.filter((parameter) => parameter.in === where);
  return {
    type: 'object',
    additionalProperties: false,
    required: own.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(own.map(({ name, schema }) => [name, schema])),
  };
}
