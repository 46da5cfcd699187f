// Prefilled report, in Markdown, with which the owner of an endpoint disputes a finding.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { code, codeBlock, escapeText } from './markdown-text.ts';
import { findClauses } from './report-parts.ts';

/** Replaces the address of the endpoint: a dispute is passed on to third parties. */
const placeholder = 'https://endpoint.example.com';

/** Removes the address of the endpoint and of the proxy from a text. */
function hideAddress(text: string, { target }: ConformanceReport): string {
  const url = new URL(target.url);
  const withoutProxy =
    target.proxy === undefined ? text : text.replaceAll(target.proxy, 'http://proxy.example.com:3128');
  const withoutOrigin = withoutProxy.replaceAll(url.origin, placeholder);
  const withoutHost = withoutOrigin.replaceAll(url.host, 'endpoint.example.com');
  return target.resolve === undefined ? withoutHost : withoutHost.replaceAll(target.resolve, '192.0.2.1');
}

/** Returns the requests and responses, unless the run showed user data. */
function renderEvidence(check: CheckResult, report: ConformanceReport): string {
  if (report.attestation.configuration.showData) {
    return 'Withheld: the run used `--show-data`, so the evidence contains user data. Run again without that flag.';
  }
  if (check.evidence.length === 0) return 'None was recorded.';
  const blocks = check.evidence.map(({ request, expected, answered }) =>
    codeBlock(hideAddress(`$ ${request}\nExpected: ${expected}\nResponse: ${answered}`, report)),
  );
  return blocks.join('\n\n');
}

/**
 * Renders a dispute of the finding of `check`. As in the report, shell variables replace user ids and secrets; a placeholder replaces the address of
 * the endpoint.
 *
 * @param belief the owner's reason; absent: a placeholder for it.
 */
export function renderDispute(unsafe: ConformanceReport, id: string, belief?: string): string {
  const report = makeAllVisible(unsafe);
  const check = report.checks.find((each) => each.id === id);
  if (!check) throw new TypeError(`renderDispute: the report has no check ${id}.`);
  const { kit, contract, target, attestation } = report;
  const { title, ruleSet, level, status, message, why, inconsistent } = check;
  const facts: readonly (readonly [string, string])[] = [
    ['Check', `${code(id)}: ${escapeText(title)}`],
    ['Result', `${status}${inconsistent ? ', inconsistent' : ''} (rule set ${ruleSet}, ${level})`],
    ['Contract', `version ${contract.version}`],
    ['Kit', `${kit.name} ${escapeText(kit.version)}, rules ${code(attestation.ruleSetSha256)}`],
    ['Authentication', target.auth],
    ['Server', report.stack ?? 'not identified by the responses'],
  ];
  const clauses = findClauses(check, report).map(({ id: clause, basis, sentence, references }) => {
    const links = references.map(({ title: name, url }) =>
      url === undefined ? escapeText(name) : `[${escapeText(name)}](${url})`,
    );
    return `- ${clause} (${[basis, ...links].join('; ')}): ${escapeText(sentence)}`;
  });
  const shown = attestation.configuration.showData ? 'Withheld, like the evidence.' : hideAddress(message, report);
  return `${[
    `# Disputed finding: ${id}`,
    ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'),
    '## What the contract says',
    clauses.join('\n'),
    escapeText(why),
    '## What the check found',
    codeBlock(shown),
    '## Evidence',
    renderEvidence(check, report),
    '## Why the owner of the endpoint disagrees',
    belief === undefined
      ? [
          'Keep the lines that apply, and add the reason.',
          '',
          '- The response is right, because …',
          '- The clause does not require this, because …',
          '- The platform does not send this request, because …',
          '- The evidence does not show what the check claims, because …',
        ].join('\n')
      : escapeText(belief),
    '## What should change',
    'The check, the clause, or the message: …',
  ].join('\n\n')}\n`;
}
