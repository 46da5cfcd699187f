// Tests of the Markdown report as parsed by a forge: its content, and that text of an endpoint remains text.
import { expect } from 'chai';
import { marked, type Token, type Tokens } from 'marked';
import { makeVisible } from '../../schemas/printable-text.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { hostileReport, hostileText, sampleReport, unreachableReport } from '../testing/sample-report.ts';
import { renderMarkdownReport } from './markdown-report.ts';

function readTokens(report: ConformanceReport): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(renderMarkdownReport(report)), (token) => {
    tokens.push(token);
  });
  return tokens;
}

const ofType = <T extends Token>(tokens: readonly Token[], type: T['type']) =>
  tokens.filter((token): token is T => token.type === type);

describe('the Markdown report', () => {
  it('begins with the verdict, then topics, failures and warnings, and ends with the skipped checks', () => {
    const text = renderMarkdownReport(sampleReport);
    expect(text.split('\n')[0]).to.equal('## ❌ `https://users.example.com/user-info` does not conform');
    const [topics, failures, warnings] = ofType<Tokens.Table>(readTokens(sampleReport), 'table');
    expect(topics?.rows.map((cells) => cells.map(({ text: cell }) => cell))).to.deep.equal([
      ['❌ First', '1 passed, 2 failed, 1 warning'],
      ['➖ Second', '1 known, 3 not run'],
    ]);
    expect(failures?.rows.map((cells) => cells.map(({ text: cell }) => cell))).to.deep.equal([
      ['silently wrong access', 'contract', 'MUST refuse.', '`fail-open`'],
      ['information leak', 'contract', 'MUST NOT leak.', '`leaking`'],
    ]);
    expect(warnings?.rows.map(([, ruleSet]) => ruleSet?.text)).to.deep.equal(['standards']);
    expect(text).to.include('Known: Fixed in March.').and.to.include('`open-must`: `Why this not.`');
    expect(text).to.include(
      '### Checks not run, and the flags that run them\n\n- `--x FILE`: 1 check, 1 of the contract\n',
    );
  });

  it('shows why a run could not begin', () => {
    expect(renderMarkdownReport(unreachableReport)).to.match(/^## ⚠️ .+ could not be tested\n\nNothing answered:/);
  });

  it('keeps text of an endpoint in code, whatever it contains', () => {
    const tokens = readTokens(hostileReport);
    const plainTokens = readTokens(sampleReport);
    for (const type of ['heading', 'table', 'list', 'code']) {
      expect(ofType(tokens, type).length, type).to.equal(ofType(plainTokens, type).length);
    }
    for (const type of ['image', 'blockquote', 'hr']) expect(ofType(tokens, type), type).to.deep.equal([]);
    const links = ofType<Tokens.Link>(tokens, 'link').map(({ href }) => href);
    // The report contains the links of the clauses, and no links from the endpoint.
    expect(new Set(links)).to.deep.equal(new Set(['https://www.rfc-editor.org/rfc/rfc9110#section-8.3']));
    const tags = ofType<Tokens.HTML>(tokens, 'html').map(({ text }) => text.trim());
    expect(new Set(tags)).to.deep.equal(
      new Set(ofType<Tokens.HTML>(plainTokens, 'html').map(({ text }) => text.trim())),
    );
    const [block] = ofType<Tokens.Code>(tokens, 'code');
    expect(block?.text).to.include(makeVisible(hostileText));
  });
});
