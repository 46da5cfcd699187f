// Validates an OpenAPI description with Redocly, for tests.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const projectRoot = dirname(import.meta.dirname);

const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js');

export interface LintReport {
  readonly totals: { readonly errors: number; readonly warnings: number; readonly ignored: number };
  readonly problems: ReadonlyArray<{ readonly ruleId: string; readonly message: string }>;
}

/** Returns Redocly's findings for a description, without printing them. @param file path relative to the root of the project. */
export async function lintOpenApi(file: string): Promise<LintReport> {
  const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const options = { cwd: projectRoot, env: environment };
  const arguments_ = [redocly, 'lint', '--config', 'redocly.yaml', '--format=json', file];
  // A failed lint exits with 1 and writes the same report.
  const { stdout } = await run(process.execPath, arguments_, options).catch((failure: { stdout: string }) => failure);
  return JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1)) as LintReport;
}
