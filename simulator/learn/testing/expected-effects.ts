// What the simulator should do with each unusual response, for tests: derived from the response itself and the settings of the IAM, without
// experiments.
import type { Variant } from '../../../schemas/generated/learn-experiments.ts';
import type { LoadedIamSettings } from '../../../schemas/generated/loaded-iam-settings.ts';
import { evaluateResponse, evaluateStatus } from '../../sync/evaluate-response.ts';
import { experiments, variants } from '../experiments.ts';
import { bodyOf } from '../scripted-response.ts';
import { isResponseName, type ResponseName } from '../variants.ts';

/** @param ids of the variants. */
export function findExpectedEffects(
  settings: LoadedIamSettings,
  ids: ReadonlySet<string>,
): Array<readonly [ResponseName, string]> {
  return variants
    .filter(({ id }) => ids.has(id))
    .map((variant) => {
      const name = experiments.find(({ id }) => id === variant.id)?.reads[0]?.assumption ?? '';
      if (!isResponseName(name)) throw new Error(`${variant.id} is not about a response`);
      return [name, findEffect(variant, settings)] as const;
    });
}

function findEffect({ respond, sends }: Variant, settings: LoadedIamSettings): string {
  const { removalRule, onFailure, retries } = settings.guesses;
  // The simulator does not read Retry-After; its own pauses are shorter.
  if (respond.retryAfterSeconds !== undefined && retries > 0) return 'repeated-sooner';
  if (isAccepted(respond, settings)) {
    if (sends !== 'nothing') return 'accepted';
    return removalRule === 'keep' ? 'kept' : 'removed';
  }
  return { keep: 'kept', fail: 'kept', clear: 'removed', disable: 'disabled' }[onFailure];
}

function isAccepted(respond: Variant['respond'], settings: LoadedIamSettings): boolean {
  const { status = 200, contentType = 'application/json', contentEncoding = '', cutsBody = false } = respond;
  const body = bodyOf(respond);
  if (cutsBody || body.length > settings.guesses.maxBodyBytes) return false;
  const answer = { status, contentType, contentEncoding, location: '', body };
  const url = settings.externalUserInfo.uri;
  const { kind } = status === 200 ? evaluateResponse(answer, settings) : evaluateStatus(answer, url);
  return kind === 'user';
}
