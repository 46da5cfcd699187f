// The parts of a finding. Separate from the error that contains them, because the package declares them without chai's types.
import type { CheckResult } from '../../schemas/generated/conformance-report.ts';
import type { Answer } from '../http/endpoint-request.ts';

/** Four parts of a message, each without its full stop, and further facts about a violation. */
export interface Finding {
  /** e.g. "an unknown user" */
  readonly asked: string;
  readonly expected: string;
  readonly seen: string;
  /** Changes that the owner of the endpoint should make. */
  readonly change: string;
  /** The responses that show it, which become the evidence. Absent: the latest of the check. */
  readonly answers?: readonly Answer[];
  /** Effect of this violation, if it differs from the check's. */
  readonly impact?: CheckResult['impact'];
}
