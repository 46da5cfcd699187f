// Faults between the simulator and the endpoint, and the syntax of their rules.
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';

/**
 * Effect on a request. delay: the response is delayed. reset: the connection is reset. truncate: the connection ends within the body. half-body: half
 * of the body is sent, framed as if it were complete. content-type: the response is sent with content type text/html. html-page: the response is 200
 * with an HTML page, as from a proxy with a login form. 5xx: 503 for a number of consecutive users. tls: the handshake fails.
 */
export const faultKinds = [
  'delay',
  'reset',
  'truncate',
  'half-body',
  'content-type',
  'html-page',
  '5xx',
  'tls',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultRule {
  readonly kind: FaultKind;
  /** Percentage of affected requests; for 5xx, of affected users. */
  readonly percent: number;
  /** For delay: ms. For 5xx: number of consecutive users. For all others: 0. */
  readonly size: number;
}

/** Faults of a run, with the seed that reproduces them. */
export interface Faults {
  readonly rules: readonly FaultRule[];
  readonly seed: number;
}

/** The value after the colon: its unit in the rule, and its default. */
const sizes: Readonly<Partial<Record<FaultKind, { readonly unit: string; readonly byDefault: number }>>> = {
  delay: { unit: 'ms', byDefault: 1000 },
  '5xx': { unit: '', byDefault: 10 },
};

const maxSize = 3_600_000;

/** The fault rules are invalid; the message contains the expected format. */
export class FaultRuleError extends Error {
  override readonly name = 'FaultRuleError';
}

/** Parses rules such as "reset=1%, delay=5%:200ms, 5xx=2%:20". @throws {FaultRuleError} */
export function parseFaultRules(text: string): readonly FaultRule[] {
  const rules = text.split(',').map((part) => parseRule(part.trim()));
  const repeated = rules.find(({ kind }, index) => rules.findIndex((rule) => rule.kind === kind) !== index);
  if (repeated) throw new FaultRuleError(`${repeated.kind} occurs twice.`);
  return rules;
}

function parseRule(part: string): FaultRule {
  const [, kind = '', percentText = '', sizeText, unit = ''] =
    /^([\w-]+)=(\d+(?:\.\d+)?)%(?::(\d+)([a-z]*))?$/.exec(part) ?? [];
  if (kind === '') {
    throw new FaultRuleError(
      `"${part}" is not a fault. Use KIND=PERCENT%, e.g. reset=1%, delay=5%:200ms or 5xx=2%:20.`,
    );
  }
  if (!isFaultKind(kind)) {
    const guess = suggest(findClosestWord(kind, faultKinds));
    throw new FaultRuleError(`unknown fault "${kind}"${guess || '.'} Known faults: ${faultKinds.join(', ')}.`);
  }
  const percent = Number(percentText);
  if (percent > 100) throw new FaultRuleError(`${kind} exceeds 100%.`);
  const size = sizes[kind];
  if (!size && sizeText !== undefined) throw new FaultRuleError(`${kind} takes only a percentage.`);
  if (size && sizeText !== undefined && unit !== size.unit) {
    throw new FaultRuleError(
      size.unit === ''
        ? `${kind} takes a number of users after the colon.`
        : `${kind} takes a duration in ${size.unit} after the colon.`,
    );
  }
  const value = sizeText === undefined ? (size?.byDefault ?? 0) : Number(sizeText);
  if (size && (value < 1 || value > maxSize))
    throw new FaultRuleError(`${kind} takes a number from 1 to ${maxSize} after the colon.`);
  return { kind, percent, size: value };
}

function isFaultKind(word: string): word is FaultKind {
  return (faultKinds as readonly string[]).includes(word);
}

/** Returns the rules in the form that `parseFaultRules` reads, including default values. */
export function writeFaultRules(rules: readonly FaultRule[]): string {
  return rules
    .map(({ kind, percent, size }) => {
      const unit = sizes[kind]?.unit;
      return `${kind}=${percent}%${unit === undefined ? '' : `:${size}${unit}`}`;
    })
    .join(',');
}
