// Tests of the detection of a stack from the headers of a response.
import { expect } from 'chai';
import { detectStack } from './check-context.ts';

describe('the stack of an endpoint', () => {
  const cases: readonly (readonly [headers: Readonly<Record<string, string>>, stack: string | null])[] = [
    [{ 'x-powered-by': 'Express' }, 'express'],
    [{ server: 'nginx/1.22.1', 'x-powered-by': 'Express' }, 'express'],
    [{ server: 'nginx' }, 'nginx'],
    [{ server: 'Werkzeug/3.0.1 Python/3.11.2' }, 'flask'],
    [{ server: 'Kestrel' }, 'aspnet'],
    [{ server: 'SimpleHTTP/0.6 Python/3.11.2' }, null],
    [{ server: 'my-nginx' }, null],
    [{}, null],
  ];
  for (const [headers, stack] of cases) {
    it(`is ${stack ?? 'unknown'} according to ${JSON.stringify(headers)}`, () => {
      expect(detectStack({ header: (name) => headers[name] ?? null })).to.equal(stack);
    });
  }
});
