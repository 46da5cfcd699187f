// Loader of the --checks module.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Check } from '../../conformance/check.ts';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { type CreateChecks, checkKit, findCustomCheckFaults } from '../../conformance/define-check.ts';

const form =
  'The default export must be a function that receives { defineCheck, assertConforms, readUserInfo, Untestable } and returns a list of checks.';

/** Returns the error as one line, with the module's line number if its stack contains one. */
function describe(error: unknown, url: string): string {
  const [text = ''] = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n');
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = stack.split(`${url}:`)[1]?.match(/^\d+/)?.[0];
  return line === undefined ? text : `${text}, line ${line}`;
}

/** Returns the checks of a module; undefined if they cannot be used. All errors are added to `faults`. */
export async function loadChecks(file: string | undefined, faults: string[]): Promise<readonly Check[] | undefined> {
  if (file === undefined) return undefined;
  const fault = (what: string, fix: string) => {
    faults.push(`--checks: ${file} ${what}. ${fix}`);
    return undefined;
  };
  const { href } = pathToFileURL(resolve(file));
  let create: unknown;
  try {
    const loaded: { readonly default?: unknown } = await import(href);
    create = loaded.default;
  } catch (error) {
    const fix = /\.[cm]?ts$/.test(file)
      ? 'Check that everything it imports is installed, or compile it to JavaScript: Node.js before 22.18 does not load TypeScript.'
      : error instanceof SyntaxError
        ? `Run \`node --check ${file}\` to see the line.`
        : 'Check that it is an ES module, and that everything it imports is installed.';
    return fault(`cannot be loaded (${describe(error, href)})`, fix);
  }
  if (typeof create !== 'function') return fault('does not have a function as its default export', form);
  let checks: unknown;
  try {
    checks = await (create as CreateChecks)(checkKit);
  } catch (error) {
    return fault(
      `failed to create its checks (${describe(error, href)})`,
      'Fix the module: it must return checks created with defineCheck.',
    );
  }
  if (
    !Array.isArray(checks) ||
    checks.length === 0 ||
    checks.some((check) => (check as Partial<Check>)?.ruleSet !== 'custom')
  )
    return fault('did not return a list of checks created with defineCheck', form);
  faults.push(...findCustomCheckFaults(catalogue, checks).map((text) => `--checks: ${text}`));
  return checks;
}
