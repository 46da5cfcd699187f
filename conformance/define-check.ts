// Custom checks: an organization's rules, which use the same context, reports and exit codes as the kit's own checks.
import { AssertionError } from 'chai';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { validateUserInfoLenient } from '../schemas/validators.ts';
import type { Check, Need, Topic } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { Untestable } from './check-endings.ts';
import type { AuthMode, ConformanceOptions } from './conformance-options.ts';
import type { Level } from './contract/clause.ts';
import type { Answer } from './http/endpoint-request.ts';
import { assertConforms } from './report/finding.ts';
import { decodeBody, findJson } from './user-info-body.ts';

/** Definition of a custom check. It never changes the verdict; a violated MUST or SHOULD fails the run, whatever --fail-on says. */
export interface CheckDefinition {
  /** Permanent and unique: lower-case words joined by hyphens. Preferably prefixed with the name of the organization. */
  readonly id: string;
  /** One requirement in the style of RFC 2119. Begins with the level. */
  readonly title: string;
  readonly level: Level;
  /** Why it matters: one or two sentences. */
  readonly why: string;
  /** How to fix it: whole sentences. */
  readonly fix: string;
  /** Effect of a violation; ranks findings. Default: cosmetic. */
  readonly impact?: Check['impact'];
  /** Requirements of the check. Default: a known user. */
  readonly needs?: readonly Need[];
  /** The declared authentication modes that it applies to. Default: all. */
  readonly auth?: readonly AuthMode[];
  /**
   * Returns if the endpoint meets the requirement. Throws like assertConforms if the endpoint does not meet the requirement, and Untestable if that
   * cannot be determined. An AssertionError of any library counts as a violation, without evidence; the first line of its message appears in reports
   * unchanged.
   */
  run(context: CheckContext): Promise<void>;
}

/** Options of a run, and additional checks. */
export interface RunOptions extends ConformanceOptions {
  /** Checks created by defineCheck. They run after those of the kit. */
  readonly customChecks?: readonly Check[] | undefined;
}

/** Parameter passed to a --checks module, so that the module does not have to import this package. */
export interface CheckKit {
  readonly defineCheck: typeof defineCheck;
  readonly assertConforms: typeof assertConforms;
  readonly readUserInfo: typeof readUserInfo;
  readonly Untestable: typeof Untestable;
}

/** The default export of a --checks module. */
export type CreateChecks = (kit: CheckKit) => readonly Check[] | Promise<readonly Check[]>;

/** Returns all errors in a definition, which may be untyped JavaScript. */
function* findDefinitionFaults(given: CheckDefinition): Generator<string> {
  const { id, title, level, why, fix, run } = given;
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(String(id))) yield 'id must be lower-case words joined by hyphens';
  if (!['MUST', 'SHOULD', 'MAY'].includes(level)) yield 'level must be MUST, SHOULD or MAY';
  else if (!String(title).startsWith(`${level} `)) yield `title must begin with ${level}`;
  if (typeof why !== 'string' || why === '') yield 'why must not be empty';
  if (typeof fix !== 'string' || fix === '') yield 'fix must not be empty';
  if (typeof run !== 'function') yield 'run must be a function';
}

/** Returns whether an error is the AssertionError of another library, such as node:assert or another copy of chai. */
const isForeignAssertion = (error: unknown): error is Error =>
  error instanceof Error && error.name.startsWith('AssertionError') && !(error instanceof AssertionError);

/**
 * Returns a custom check, for `customChecks` of runConformance or for a --checks module.
 *
 * @throws {TypeError} with all errors in the definition.
 */
export function defineCheck(definition: CheckDefinition): Check {
  const faults = [...findDefinitionFaults(definition)];
  if (faults.length > 0) throw new TypeError(`The check ${JSON.stringify(definition.id)}: ${faults.join('; ')}.`);
  const { id, title, level, why, fix, impact = 'cosmetic', needs = ['known-user'], auth, run } = definition;
  return {
    ...{ id, title, level, ruleSet: 'custom', clauses: [], impact, why, needs },
    fix: [{ stack: 'any', text: fix }],
    ...(auth ? { auth } : {}),
    async run(context) {
      try {
        await run(context);
      } catch (error) {
        // The lines after the first contain the compared values, which may be user data.
        throw isForeignAssertion(error) ? new AssertionError(error.message.split('\n')[0] ?? '') : error;
      }
    },
  };
}

/** Returns the user info of a 200, which may have additional keys. Throws Untestable if the response is not a 200 with valid user info. */
export function readUserInfo({ status, body }: Answer): UserInfo {
  const value = status === 200 ? findJson(decodeBody(body))?.value : undefined;
  if (validateUserInfoLenient(value)) return value;
  throw new Untestable(
    'A known user did not get a 200 with valid user info: see known-user-200 and known-user-schema.',
  );
}

/** The helpers that a --checks module receives. */
export const checkKit: CheckKit = { defineCheck, assertConforms, readUserInfo, Untestable };

/** Returns the topics with the custom checks after them. */
export function withCustomChecks(topics: readonly Topic[], checks: readonly Check[] = []): readonly Topic[] {
  return checks.length === 0 ? topics : [...topics, { title: 'Custom checks', checks }];
}

/** Returns the errors in custom checks: ids that are not unique among the custom checks and the kit's own checks. */
export function findCustomCheckFaults(topics: readonly Topic[], checks: readonly Check[] = []): string[] {
  const own = new Set(topics.flatMap((topic) => topic.checks.map(({ id }) => id)));
  const seen = new Set<string>();
  return checks.flatMap(({ id }) => {
    const faults = own.has(id)
      ? [`The custom check ${id} has the same id as a check of the kit. Choose another id.`]
      : [];
    if (seen.has(id)) faults.push(`Two custom checks have the id ${id}. Ids must be unique.`);
    seen.add(id);
    return faults;
  });
}
