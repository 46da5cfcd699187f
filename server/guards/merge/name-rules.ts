// Rules for names from one source: drop, rename, prefix, in this order.
import type { NameRulesConfig } from '../../../schemas/generated/loaded-server-config.ts';

export interface NameRules {
  /** Returns the name in the merged answer; `null`: it is dropped. */
  apply(name: string): string | null;
  /** Returns the rules that changed the name, as text; empty when none did. */
  explain(name: string): string;
}

/** @throws {SyntaxError} for an invalid pattern, which the configuration's rules detect earlier. */
export function createNameRules({ drop, rename, prefix }: NameRulesConfig): NameRules {
  const dropped = drop.map(wholeMatch);
  const renamed = new Map(Object.entries(rename));
  return {
    apply(name) {
      if (dropped.some((pattern) => pattern.test(name))) return null;
      return prefix + (renamed.get(name) ?? name);
    },
    explain(name) {
      const steps = [
        ...(renamed.has(name) ? [`renamed from ${JSON.stringify(name)}`] : []),
        ...(prefix === '' ? [] : [`prefix ${JSON.stringify(prefix)}`]),
      ];
      return steps.length === 0 ? '' : ` (${steps.join(', ')})`;
    },
  };
}

/** Returns a pattern that the whole name must match: otherwise, `admin` would drop `domain-administrators`. */
export function wholeMatch(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}
