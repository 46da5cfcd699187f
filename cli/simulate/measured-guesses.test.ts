// Tests that each report of the simulator states measured assumptions separately from guessed ones.
import { expect } from 'chai';
import { writeK6Script } from '../../simulator/load/k6-script.ts';
import { openSimulator, type Simulator } from '../../simulator/open-simulator.ts';
import { findMeasurements } from '../../simulator/sync/guess-origins.ts';
import { loadIamSettings } from '../../simulator/sync/iam-settings.ts';
import { runSync } from '../../simulator/sync/run-sync.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { describeGuessesOf } from './guesses-text.ts';
import { writeRunJson } from './run-json.ts';
import { renderRunHtml } from './run-report-html.ts';
import { describeRun } from './run-text.ts';
import { renderScenarioReport } from './scenario-report.ts';

const days = { date: '2026-12-01', validUntil: '2027-05-30' };
const platformProfile = {
  platform: 'Immuta <b>2024.3</b>\n\u202e',
  facts: { onNotFound: { value: 'disable', ...days }, retries: { value: 2, ...days } },
};
/** Changed after the measurement. */
const guesses = { onNotFound: 'disable', retries: 1 };

describe('the reports of the simulator list measured assumptions separately from guessed ones', () => {
  let endpoint: ChangingEndpoint;
  let simulator: Simulator;
  let id: number;
  let settings: Readonly<Record<string, unknown>>;
  before(async () => {
    endpoint = await startChangingEndpoint();
    simulator = openSimulator(null, () => Date.parse('2026-12-02T12:00:00Z'));
    settings = { externalUserInfo: { uri: endpoint.uri }, guesses, platformProfile };
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'ldap', settings }, 'test');
    const list = { name: 'users.csv', hash: '', users: [{ userid: 'ada', name: null, email: null, access: null }] };
    const { run } = await runSync(simulator, {
      ...{ iam: 'okta', scope: 'all', userids: null, list, dryRun: true, by: 'test' },
    });
    id = run.id;
  });
  after(async () => {
    simulator.close();
    await endpoint.close();
  });

  it('as text', () => {
    const run = simulator.runs.get(id);
    if (run.summary === null) throw new Error('the run has no summary');
    const text = describeRun(simulator.runs, run, run.summary, 'dry-run');
    expect(text).to.include(
      'Measured on 2026-12-01 with Immuta <b>2024.3</b>\\n\\u{202e}:\n  onNotFound disable\nAssumed, because undocumented:\n  retries 1, timeoutMs 10000, ',
    );
    expect(text.match(/onNotFound/g)).to.have.length(1);
  });

  it('as HTML', () => {
    const page = renderRunHtml(simulator.runs, id, 'dry-run');
    const [measured = '', guessed = ''] = page.split('<h2>Assumptions</h2>');
    expect(measured).to.match(/<h2>Measured on 2026-12-01 with Immuta &lt;b&gt;2024\.3&lt;\/b&gt;[^<]*<\/h2>/);
    expect(measured).to.include('<dt>onNotFound</dt><dd>disable</dd>').and.not.include('<dt>retries</dt>');
    expect(guessed).to.include('<dt>retries</dt><dd>1</dd>').and.not.include('<dt>onNotFound</dt>');
  });

  it('as JSON', () => {
    const { guesses: all, measured } = JSON.parse([...writeRunJson(simulator.runs, id)].join(''));
    expect(all).to.include(guesses);
    expect(measured).to.deep.equal({
      onNotFound: { platform: platformProfile.platform, ...days, isExpired: false },
    });
  });

  it('in scenarios: common assumptions once, and others with their origin', () => {
    const loaded = loadIamSettings(settings);
    const one = { name: 'one', guesses: loaded.guesses, measured: findMeasurements(loaded, '2026-12-02') };
    const other = { ...one, name: 'other', guesses: { ...loaded.guesses, retries: 0 }, measured: {} };
    expect(describeGuessesOf([one, one])).to.match(/^Measured on [^\n]+:\n {2}onNotFound disable\nAssumed[^\n]+:\n/);
    expect(describeGuessesOf([one, other])).to.match(
      /^Assumed[^\n]+:\n(?: {2}[^\n]+\n)+ {2}one: onNotFound disable \(Measured on 2026-12-01 [^\n]+\), retries 1\n {2}other: onNotFound disable, retries 0\n$/,
    );
    const step = { step: 1, kind: 'sync', say: null, passed: true, detail: '', durationMs: 1 } as const;
    const outcome = { ...one, passed: true, steps: [step] };
    for (const format of ['html', 'junit'] as const) {
      expect(renderScenarioReport(format, [outcome], 'csv')).to.match(
        /Measured on 2026-12-01 with [^\n]+: onNotFound disable\. Assumed, because undocumented: retries 1, timeoutMs 10000, /,
      );
    }
  });

  it('in a k6 script, as comments whatever the name of the platform', () => {
    const script = writeK6Script({
      settings: loadIamSettings(settings),
      ...{ mode: 'closed', levels: [1], seconds: 1, maxP99Ms: 1000, userids: ['ada'] },
    });
    const head = script.slice(0, script.indexOf('import '));
    expect(
      head
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('//')),
    ).to.equal(true);
    expect(head).to.match(/^\/\/ Measured on 2026-12-01 with Immuta .*:\n\/\/ {3}onNotFound disable\n\/\/ Assumed/m);
  });
});
