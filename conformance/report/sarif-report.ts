// Owns the SARIF 2.1.0 form of a report, with what GitHub's code scanning asks for.
import { createHash } from 'node:crypto';
import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { escapeOrdersInJson, makeAllVisible } from '../../schemas/printable-text.ts';
import { wordLatency } from '../latency.ts';
import { findParts, platformVerdicts, routeInWords, stackNames, staleInWords } from './report-parts.ts';

const levels: Readonly<Record<CheckResult['level'], 'error' | 'warning' | 'note'>> = {
  MUST: 'error',
  SHOULD: 'warning',
  MAY: 'note',
};

/** GitHub's scale: more than 9 is critical, from 7 high, from 4 medium, below low. */
const securitySeverities: Readonly<Record<CheckResult['platformVerdict'], string>> = {
  'silently-wrong-access': '9.1',
  'information-leak': '7.5',
  refused: '5.0',
  cosmetic: '1.0',
};

function toRule({ id, title, level, why, mend, source, topic, platformVerdict }: CheckResult): ReportingDescriptor {
  const help = mend.map(({ stack, text }) => `${stackNames[stack]}: ${text}`);
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: [...help, `Source: ${source}`].join('\n\n') },
    defaultConfiguration: { level: levels[level] },
    properties: {
      // GitHub reads the severity only of rules that have this tag.
      tags: ['security', topic, platformVerdict],
      'security-severity': securitySeverities[platformVerdict],
      'problem.severity': level === 'MUST' ? 'error' : level === 'SHOULD' ? 'warning' : 'recommendation',
      precision: 'very-high',
    },
  };
}

/**
 * An endpoint has no file, and GitHub takes no `https:` location: so host and path stand for one, as scanners of container images
 * do with the image's name. The URL is the logical location.
 */
function locate(url: string): Location {
  const { host, pathname } = new URL(url);
  return {
    physicalLocation: {
      // A colon in the first segment would make it a scheme, and the brackets of IPv6 belong to no path.
      artifactLocation: { uri: `${host.replaceAll(':', '_').replaceAll(/[[\]]/g, '')}${pathname}` },
      region: { startLine: 1 },
    },
    logicalLocations: [{ fullyQualifiedName: url, kind: 'resource' }],
  };
}

function toResult(check: CheckResult, ruleIndex: number, url: string): Result {
  const { id, level, platformVerdict, message, evidence, known } = check;
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([id, url]))
    .digest('hex');
  return {
    ruleId: id,
    ruleIndex,
    level: levels[level],
    message: { text: `${message}\n\nOn the platform: ${platformVerdicts[platformVerdict].name}.` },
    locations: [locate(url)],
    // The same failure of the same endpoint stays one alert from run to run.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1` },
    ...(known ? { suppressions: [{ kind: 'external', status: 'accepted', justification: known.reason }] } : {}),
    properties: { platformVerdict, evidence },
  };
}

function toNotification(check: CheckResult): Notification {
  return {
    associatedRule: { id: check.id },
    level: check.level === 'MUST' ? 'error' : 'warning',
    message: { text: `${check.title}: not judged. ${check.message}` },
  };
}

/** The report as one SARIF run. Passed and skipped checks are rules without a result. */
export function renderSarifReport(unsafe: ConformanceReport): string {
  const report = makeAllVisible(unsafe);
  const { kit, target, checks, leftOut, attestation, latency } = report;
  const { failures, knownFailures, notJudged } = findParts(report);
  const route = routeInWords(report);
  const notes = [
    ...(route === '' ? [] : [`Asked ${route}.`]),
    ...(latency ? [`Latency of ${wordLatency(latency)}.`] : []),
  ];
  const words = [...(report.reason === undefined ? [] : [report.reason]), ...staleInWords(report), ...leftOut];
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: kit.name, version: kit.version, rules: checks.map(toRule) } },
        automationDetails: { id: `user-info-conform/${new URL(target.url).host}/` },
        invocations: [
          {
            executionSuccessful: report.verdict !== 'could-not-run',
            startTimeUtc: report.startedAt,
            endTimeUtc: attestation.finishedAt,
            toolExecutionNotifications: [
              ...words.map((text): Notification => ({ level: 'warning', message: { text } })),
              ...notJudged.map(toNotification),
              ...notes.map((text): Notification => ({ level: 'note', message: { text } })),
            ],
          },
        ],
        results: [...failures, ...knownFailures.filter(({ status }) => status === 'failed')].map((check) =>
          toResult(
            check,
            checks.findIndex(({ id }) => id === check.id),
            target.url,
          ),
        ),
        properties: { target, verdict: report.verdict, attestation, ...(latency ? { latency } : {}) },
      },
    ],
  };
  return escapeOrdersInJson(`${JSON.stringify(log, null, 2)}\n`);
}
