// The error that a check throws for a violation.
import { AssertionError } from 'chai';
import type { Finding } from './report/finding-parts.ts';

/** Formats a finding as the message of a report, one line per part. */
function wordFinding({ asked, expected, seen, change }: Finding): string {
  return `Asked: ${asked}.\nExpected: ${expected}.\nSeen: ${seen}.\nTo change: ${change}.`;
}

/** A violation that a check found. */
export class Nonconformity extends AssertionError<object> {
  /** Not enumerable: test runners print the properties of an error, and those of a finding contain whole responses. */
  readonly #finding: Finding;

  constructor(finding: Finding) {
    super(wordFinding(finding));
    this.#finding = finding;
  }

  get finding(): Finding {
    return this.#finding;
  }
}
