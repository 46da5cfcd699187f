// Copies of one result for several callers, so that none can change another's.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { PassingUserInfo } from './passing-user-info.ts';
import { StaleUserInfo } from './stale-user-info.ts';

/** The same answer with views of its own; ready bytes are shared, since nobody writes into them. */
export function ownCopy(answer: UserInfo | null): UserInfo | null {
  if (answer === null) return null;
  if (answer instanceof StaleUserInfo) return new StaleUserInfo(answer.json, answer.ageSeconds);
  if (answer instanceof PassingUserInfo) return new PassingUserInfo(answer.bytes);
  return answer instanceof EncodedUserInfo ? new EncodedUserInfo(answer.bytes) : structuredClone(answer);
}
