// Rules for user info before it is cached, compared or sent: the schema, size limits, and groups.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { AnswerRulesConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { encodeUserInfo } from '../answer.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';

/**
 * Validates each answer and passes it on with its serialized bytes, so that no outer guard validates or serializes it again. Without `rules` only the
 * schema is checked.
 *
 * @throws {SourceError} 'bad-answer' (502) for an invalid answer.
 */
export function withAnswerRules(
  source: LookUpSource,
  rules: AnswerRulesConfig | undefined,
  tally: GuardTally,
): LookUpSource {
  const countRefused = tally.counter('answer-refused');
  const countNoGroups = rules?.onNoGroups === 'error' ? tally.counter('no-groups-refused') : () => undefined;

  function validate(found: UserInfo): UserInfo {
    const encoded = encode(found);
    if (rules === undefined) return encoded;
    if (encoded.json.length > rules.maxBytes) {
      throw new SourceError(
        'bad-answer',
        `The result has more than guards.answers.maxBytes (${rules.maxBytes}) bytes.`,
      );
    }
    if (encoded.groups.length > rules.maxGroups) {
      throw new SourceError(
        'bad-answer',
        `The result has more than guards.answers.maxGroups (${rules.maxGroups}) groups.`,
      );
    }
    return encoded;
  }

  return aroundSource(source, {
    ...(source.answersFromMemory && { answersFromMemory: true }),
    async findUser(userid, signal) {
      const found = await source.findUser(userid, signal);
      if (found === null) return null;
      let valid: UserInfo;
      try {
        valid = validate(found);
      } catch (error) {
        countRefused();
        throw error;
      }
      if (rules?.onNoGroups === 'error' && valid.groups.length === 0) {
        countNoGroups();
        throw new SourceError(
          'bad-answer',
          "The source returned the user without groups, which guards.answers.onNoGroups treats as an error. Check the permissions of the source's account.",
        );
      }
      return valid;
    },
  });
}

function encode(found: UserInfo): EncodedUserInfo {
  if (found instanceof EncodedUserInfo) return found;
  return new EncodedUserInfo(encodeUserInfo(found), found);
}
