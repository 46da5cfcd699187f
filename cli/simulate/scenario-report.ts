// Reports of scenarios: an HTML page, JUnit for CI, and JSON for programs.
import { renderHtmlPage } from '../../conformance/report/html-page.ts';
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import { toXmlAttributes, toXmlText } from '../../conformance/report/xml-text.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import type { ScenarioOutcome, StepOutcome } from '../../simulator/scenarios/play-scenario.ts';
import { wordGuesses } from './guesses-text.ts';
import { runPageStyle } from './run-report-html.ts';

export const scenarioReportFormats = ['html', 'junit', 'json'] as const;

/** @param source kind of the people's data source. */
export function renderScenarioReport(
  format: (typeof scenarioReportFormats)[number],
  outcomes: readonly ScenarioOutcome[],
  source: string,
): string {
  switch (format) {
    case 'html':
      return renderHtml(outcomes, source);
    case 'junit':
      return renderJunit(outcomes, source);
    case 'json':
      return `${JSON.stringify({ source, scenarios: outcomes }, null, 2)}\n`;
  }
}

const wordStep = ({ step, kind, say }: StepOutcome) => `${step}. ${say ?? kind}`;

function renderHtml(outcomes: readonly ScenarioOutcome[], source: string): string {
  const failed = outcomes.filter(({ passed }) => !passed).length;
  return renderHtmlPage({
    title: 'Scenarios of a sync',
    style: runPageStyle,
    header: html`<p class="kicker">User info scenarios, people in ${source}</p>
<h1>Scenarios of a sync</h1>
<div class="verdict ${failed > 0 ? 'does-not-conform' : 'conforms'}"><strong>${outcomes.length - failed} passed, ${failed} failed</strong></div>`,
    main: html`${outcomes.map(renderScenario)}`,
    footer: html`<p>Made by user-info-kit ${kitVersion}.</p>`,
  });
}

function renderScenario(outcome: ScenarioOutcome): SafeHtml {
  const { name, passed, steps } = outcome;
  const rows = steps.map(
    (step) =>
      html`<tr><th>${makeVisible(wordStep(step))}</th><td class="${step.passed ? '' : 'lost'}">${step.passed ? 'ok' : 'failed'}</td><td>${makeVisible(step.detail)}</td></tr>`,
  );
  return html`<h2>${makeVisible(name)}: ${passed ? 'passed' : 'failed'}</h2>
<table><thead><tr><th>Step</th><th>Outcome</th><th>Result</th></tr></thead><tbody>${rows}</tbody></table>
<p class="soft">${wordGuesses(outcome)}</p>`;
}

/** A scenario is a test suite, a step a test; steps after a failure are omitted. The last test of a suite has the assumptions. */
function renderJunit(outcomes: readonly ScenarioOutcome[], source: string): string {
  const suites = outcomes.map((outcome) => {
    const { name, steps } = outcome;
    const counts = countSteps(steps);
    const head = toXmlAttributes({ name: `${name} (${source})`, ...counts, timestamp: new Date().toISOString() });
    const written = `<system-out>${toXmlText(wordGuesses(outcome))}</system-out>`;
    const cases = steps.map((step, index) => renderCase(name, step, index === steps.length - 1 ? written : ''));
    return `  <testsuite${head}>\n${cases.join('\n')}\n  </testsuite>`;
  });
  const { tests, failures, errors, time } = countSteps(outcomes.flatMap(({ steps }) => steps));
  const head = toXmlAttributes({ name: `Scenarios (${source})`, tests, failures, errors, time });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join('\n')}\n</testsuites>\n`;
}

function renderCase(scenario: string, step: StepOutcome, written: string): string {
  const time = (step.durationMs / 1000).toFixed(3);
  const head = `    <testcase${toXmlAttributes({ classname: scenario, name: wordStep(step), time })}>`;
  const [message = ''] = step.detail.split('\n');
  const problem = `<failure${toXmlAttributes({ type: step.kind, message })}>${toXmlText(step.detail)}</failure>`;
  return `${head}${step.passed ? '' : problem}${written}</testcase>`;
}

function countSteps(steps: readonly StepOutcome[]) {
  const failures = steps.filter(({ passed }) => !passed).length;
  const ms = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return { tests: steps.length, failures, errors: 0, skipped: 0, time: (ms / 1000).toFixed(3) };
}
