// Report in SARIF 2.1.0, with what GitHub code scanning requires.
import { createHash } from 'node:crypto';
import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { escapeOrdersInJson, makeAllVisible } from '../../schemas/printable-text.ts';
import { isViolation } from '../fail-on.ts';
import { wordLatency } from '../http/latency.ts';
import {
  describePlatformEffect,
  describeRoute,
  describeStaleEntries,
  findClauses,
  findParts,
  nameImpact,
  stackNames,
} from './report-parts.ts';

/** Returns the level of a violation: an error only in the rule set that decides the verdict. */
function toLevel({ ruleSet, level }: Pick<CheckResult, 'ruleSet' | 'level'>): 'error' | 'warning' | 'note' {
  if (ruleSet === 'contract') return 'error';
  return level === 'MAY' ? 'note' : 'warning';
}

type Severities = Readonly<Record<CheckResult['impact'], string>>;

/** On GitHub's scale (above 9 critical, from 7 high, from 4 medium, below low), every failure is above every warning. */
const securitySeverities: Readonly<Record<'error' | 'warning' | 'note', Severities>> = {
  error: { 'silently-wrong-access': '9.5', 'information-leak': '9.1', refused: '8.0', cosmetic: '7.0' },
  warning: { 'silently-wrong-access': '6.9', 'information-leak': '6.0', refused: '5.0', cosmetic: '1.0' },
  note: { 'silently-wrong-access': '0.9', 'information-leak': '0.6', refused: '0.3', cosmetic: '0.1' },
};

function toRule(check: CheckResult, report: ConformanceReport): ReportingDescriptor {
  const { id, title, why, fix, topic, ruleSet, impact } = check;
  const help = fix.map(({ stack, text }) => `${stackNames[stack]}: ${text}`);
  const cited = findClauses(check, report);
  const texts = cited.map(({ id: clause, sentence, references }) => ({
    text: `${clause}: ${sentence} ${references.map((each) => `${each.title}${each.url ? ` <${each.url}>` : ''}`).join(', ')}`,
    markdown: `- **${clause}**: ${sentence} ${references.map((each) => (each.url ? `[${each.title}](${each.url})` : each.title)).join(', ')}`,
  }));
  const helpUri = cited.flatMap(({ references }) => references).find(({ url }) => url !== undefined)?.url;
  const level = toLevel(check);
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    ...(helpUri === undefined ? {} : { helpUri }),
    help: {
      text: [...help, ...texts.map(({ text }) => text)].join('\n\n'),
      markdown: [...help.map((line) => `- ${line}`), ...texts.map(({ markdown }) => markdown)].join('\n'),
    },
    defaultConfiguration: { level },
    properties: {
      // GitHub reads the severity only of rules with this tag.
      tags: ['security', topic, ruleSet, impact],
      'security-severity': securitySeverities[level][impact],
      'problem.severity': level === 'note' ? 'recommendation' : level,
      precision: 'very-high',
      clauses: check.clauses,
    },
  };
}

/**
 * Returns the location of an endpoint: instead of a file, its host and path, because GitHub accepts no `https:` location.
 * The URL is the logical location.
 */
function locate(url: string): Location {
  const { host, pathname } = new URL(url);
  return {
    physicalLocation: {
      // A colon in the first segment would be interpreted as a scheme, and the brackets of IPv6 are not allowed in a path.
      artifactLocation: { uri: `${host.replaceAll(':', '_').replaceAll(/[[\]]/g, '')}${pathname}` },
      region: { startLine: 1 },
    },
    logicalLocations: [{ fullyQualifiedName: url, kind: 'resource' }],
  };
}

function toResult(check: CheckResult, ruleIndex: number, url: string): Result {
  const { id, ruleSet, impact, platformVerdict, platformEffect, message, evidence, known, followsFrom } = check;
  const platform = describePlatformEffect(check).map(([label, text]) => `${label}: ${text}`);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([id, url]))
    .digest('hex');
  return {
    ruleId: id,
    ruleIndex,
    level: toLevel(check),
    message: { text: [`${message}\n`, `Effect: ${nameImpact(check)}.`, ...platform].join('\n') },
    locations: [locate(url)],
    // Makes the same violation by the same endpoint remain a single alert.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1` },
    ...(known ? { suppressions: [{ kind: 'external', status: 'accepted', justification: known.reason }] } : {}),
    properties: {
      ...{ ruleSet, impact, evidence },
      ...(platformVerdict ? { platformVerdict } : {}),
      ...(platformEffect ? { platformEffect } : {}),
      ...(followsFrom ? { followsFrom } : {}),
    },
  };
}

function toNotification(check: CheckResult): Notification {
  return {
    associatedRule: { id: check.id },
    level: check.ruleSet === 'contract' ? 'warning' : 'note',
    message: { text: `${check.title}: not tested. ${check.message}` },
  };
}

/** Renders the report as one SARIF run. Passed and skipped checks are rules without a result. */
export function renderSarifReport(unsafe: ConformanceReport): string {
  const report = makeAllVisible(unsafe);
  const { kit, target, checks, leftOut, attestation, latency } = report;
  const { failures, warnings, infos, knownFailures, notTested } = findParts(report);
  const route = describeRoute(report);
  const notes = [
    ...(route === '' ? [] : [`Requests were sent ${route}.`]),
    ...(latency ? [`Latency of ${wordLatency(latency)}.`] : []),
  ];
  const words = [...(report.reason === undefined ? [] : [report.reason]), ...describeStaleEntries(report), ...leftOut];
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: kit.name, version: kit.version, rules: checks.map((check) => toRule(check, report)) } },
        automationDetails: { id: `user-info-conform/${new URL(target.url).host}/` },
        invocations: [
          {
            executionSuccessful: report.verdict !== 'could-not-run',
            startTimeUtc: report.startedAt,
            endTimeUtc: attestation.finishedAt,
            toolExecutionNotifications: [
              ...words.map((text): Notification => ({ level: 'warning', message: { text } })),
              ...notTested.map(toNotification),
              ...notes.map((text): Notification => ({ level: 'note', message: { text } })),
            ],
          },
        ],
        results: [...failures, ...warnings, ...infos, ...knownFailures.filter(isViolation)].map((check) =>
          toResult(
            check,
            checks.findIndex(({ id }) => id === check.id),
            target.url,
          ),
        ),
        properties: {
          target,
          verdict: report.verdict,
          contractVersion: report.contract.version,
          attestation,
          ...(latency ? { latency } : {}),
        },
      },
    ],
  };
  return escapeOrdersInJson(`${JSON.stringify(log, null, 2)}\n`);
}
