// Tests that openapi.yaml is valid, complete, and consistent with the JSON Schemas and the error catalogue.
import { expect } from 'chai';
import { lintOpenApi } from '../tests/lint-openapi.ts';
import { bodyValidator, findResponse, openApi, operationOf } from '../tests/openapi-response.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';
import { kitVersion } from './kit-version.ts';
import { describeSchemaErrors } from './validators.ts';

const statusesOf = (method: 'get' | 'head') => Object.keys(operationOf(method).responses).map(Number);
const byNumber = (a: number, b: number) => a - b;

describe('openapi.yaml', () => {
  it('passes every recommended rule of Redocly without an error, a warning or an exception', async () => {
    const report = await lintOpenApi('schemas/openapi.yaml');
    expect(report.problems).to.deep.equal([]);
    expect(report.totals).to.deep.equal({ errors: 0, warnings: 0, ignored: 0 });
  });

  it('has the same version as the package', () => {
    expect(openApi.info.version).to.equal(kitVersion);
  });

  for (const method of ['get', 'head'] as const) {
    it(`documents 200 and every status in error-codes.json for ${method.toUpperCase()}, and no other status`, () => {
      const expected = new Set([200, ...Object.values(errorCodes).map(({ status }) => status)]);
      expect(statusesOf(method)).to.deep.equal([...expected].sort(byNumber));
    });
  }

  it('has, for each status, one example for each code in error-codes.json, and no other examples', () => {
    for (const status of statusesOf('get').filter((each) => each >= 400)) {
      const examples = findResponse('get', status)?.content?.['application/problem+json']?.examples ?? {};
      const codes = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => errorCodes[code].status === status);
      expect(Object.keys(examples), `status ${status}`).to.deep.equal(codes);
      for (const code of codes) {
        const { title } = errorCodes[code];
        expect(examples[code]?.value).to.include({ code, status, title, type: `urn:user-info-kit:problem:${code}` });
      }
    }
  });

  it('has only examples that match their schema', () => {
    for (const [name, response] of Object.entries(openApi.components.responses)) {
      for (const media of Object.values(response.content ?? {})) {
        const validate = bodyValidator(media);
        for (const [example, { value }] of Object.entries(media.examples)) {
          expect(validate(value), `${name}, ${example}: ${describeSchemaErrors(validate.errors)}`).to.equal(true);
        }
      }
    }
  });

  it('requires the headers that each refusal must have', () => {
    const owed: ReadonlyArray<[number, string]> = [
      [401, 'WWW-Authenticate'],
      [405, 'Allow'],
      [429, 'Retry-After'],
      [503, 'Retry-After'],
    ];
    for (const [status, header] of owed) {
      expect(findResponse('get', status)?.headers, `status ${status}`).to.have.property(header);
      expect(openApi.components.headers[header]?.required).to.equal(true);
    }
    for (const [name, response] of Object.entries(openApi.components.responses)) {
      expect(Object.keys(response.headers), name).to.include.members(['Cache-Control', 'X-Request-Id']);
    }
  });
});
