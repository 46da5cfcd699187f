// Reports shared by the tests of the formats. One has a check of every kind, one is from a hostile endpoint, and one is of a run that could not
// start.
import type { CheckResult, ConformanceReport } from '../run-conformance.ts';

const passed: CheckResult = {
  id: 'passed-check',
  topic: 'First',
  title: 'MUST hold',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1'],
  impact: 'refused',
  platformVerdict: 'refused',
  status: 'passed',
  message: '',
  why: 'It hurts.',
  fix: [{ stack: 'any', text: 'Fix it.' }],
  evidence: [],
  durationMs: 1,
};

const failed: Partial<CheckResult> = {
  status: 'failed',
  message: 'Asked: this.\nExpected: 404.\nSeen: status 200.\nTo change: a long advice of several words.',
  fix: [
    { stack: 'any', text: 'Answer 404.' },
    { stack: 'express', text: 'Call response.status(404).' },
  ],
  evidence: [
    {
      request: 'curl --user "$USERNAME:$PASSWORD" "https://users.example.com/user-info?userid=$UNKNOWN_USER"',
      expected: 'status 404',
      answered: 'status 200, application/json, 36 bytes: {"groups":[],"authorizations":{}}',
    },
  ],
};

const sampleChecks: readonly CheckResult[] = [
  passed,
  {
    ...passed,
    ...failed,
    id: 'cosmetic-should',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-2'],
    title: 'SHOULD be tidy',
    status: 'warning',
    impact: 'cosmetic',
    platformVerdict: 'cosmetic',
  },
  {
    ...passed,
    ...failed,
    id: 'leaking',
    title: 'MUST NOT leak',
    impact: 'information-leak',
    platformVerdict: 'information-leak',
  },
  {
    ...passed,
    ...failed,
    id: 'fail-open',
    title: 'MUST refuse',
    impact: 'silently-wrong-access',
    platformVerdict: 'silently-wrong-access',
  },
  {
    ...{ ...passed, ...failed, id: 'accepted', title: 'MUST be known', topic: 'Second' },
    known: { reason: 'Fixed in March.', until: '2027-03-31' },
  },
  {
    ...passed,
    id: 'left',
    topic: 'Second',
    status: 'skipped',
    message: 'Give --x.',
    notRun: { because: 'input', flags: ['--x FILE'] },
  },
  {
    ...{ ...passed, id: 'open-should', topic: 'Second', ruleSet: 'hardening', level: 'SHOULD', title: 'SHOULD hold' },
    ...{ status: 'untestable', message: 'Why not.', notRun: { because: 'endpoint', flags: [] } },
  },
  {
    ...{ ...passed, id: 'open-must', topic: 'Second', status: 'untestable', message: 'Why this not.' },
    notRun: { because: 'limit', flags: ['--max-requests NUMBER'] },
  },
];

/** A report with a baseline and a check of every kind. */
export const sampleReport: ConformanceReport = {
  kit: { name: 'user-info-kit', version: '0.1.0' },
  contract: {
    version: '1.0',
    clauses: [
      {
        ...({ id: 'C-1', ruleSet: 'contract', level: 'MUST', basis: 'documented' } as const),
        sentence: 'The endpoint responds.',
        references: [{ title: 'Platform page' }],
      },
      {
        ...({ id: 'S-2', ruleSet: 'standards', level: 'SHOULD', basis: 'standard' } as const),
        sentence: 'It is tidy.',
        references: [{ title: 'RFC 9110, section 8.3', url: 'https://www.rfc-editor.org/rfc/rfc9110#section-8.3' }],
      },
    ],
  },
  target: {
    url: 'https://users.example.com/user-info',
    ...{ proxy: 'http://proxy.example.com:3128', resolve: '192.0.2.7' },
    ...{ auth: 'basic', strictKeys: false },
  },
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs: 1234,
  verdict: 'does-not-conform',
  failOn: 'contract',
  summary: { passed: 1, failed: 3, warning: 1, info: 0, untestable: 2, skipped: 1, error: 0 },
  checks: [...sampleChecks],
  notRun: ['left', 'open-must'],
  leftOut: ['The budget of failed logins was used up.'],
  baseline: { stale: [{ check: 'passed-check', why: 'passed', reason: 'Was broken.' }] },
  attestation: {
    ruleSetSha256: '0'.repeat(64),
    finishedAt: '2026-01-02T03:04:06.234Z',
    serverCertificateSha256: 'a'.repeat(64),
    configuration: {
      ...{ auth: 'basic', strictKeys: false, timeoutMs: 10_000, maxRequests: 400, maxFailedLogins: 5 },
      ...{
        failedLoginSpacingMs: 250,
        intrusive: false,
        showData: false,
        inputs: ['resolve', 'proxy', 'username', 'password'],
      },
    },
    requestsSent: 99,
    failedLoginsSent: 5,
  },
};

/** Texts with which an endpoint could break out of its context in a report: HTML, XML, Markdown, a terminal, or a line. */
export const hostileText = [
  `<script>alert('canary')</script><img src=x onerror="alert(1)"> & &lt; </style></summary></details> -->`,
  `]]> <![CDATA[ <failure> \${x} {{x}}`,
  '```\n# canary heading\n````` [link](javascript:alert(1)) ![](http://127.0.0.1/x.png) @canary | cell |',
  '  ✓ MUST be forged',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J \b\r \u0000 \u202e right to left \ufffe \ud800 lone',
].join('\n');

/** Every text that an endpoint influences is hostile. */
export const hostileReport: ConformanceReport = {
  ...sampleReport,
  target: { ...sampleReport.target, url: "https://users.example.com/a'b%22%3Cc%3E/`d`" },
  checks: sampleReport.checks.map((check) =>
    check.evidence.length > 0
      ? {
          ...check,
          message: `${check.message}\nSeen: ${hostileText}`,
          evidence: [{ request: `curl "${hostileText}"`, expected: hostileText, answered: hostileText }],
        }
      : { ...check, ...(check.status === 'passed' ? {} : { message: hostileText }) },
  ),
  leftOut: [hostileText],
};

/** A run that never started. */
export const unreachableReport: ConformanceReport = {
  ...sampleReport,
  verdict: 'could-not-run',
  reason: 'Nothing answered: nothing listens on that port. Start the endpoint, or check host and port.',
  summary: { passed: 0, failed: 0, warning: 0, info: 0, untestable: 0, skipped: 0, error: 0 },
  checks: [],
  notRun: [],
  leftOut: [],
  baseline: { stale: [] },
};
