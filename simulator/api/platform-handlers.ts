// REST operations on data platforms for the console: external ids, integrations, and a trial impersonation.
import type { UserName } from '../identities/identity-store.ts';
import { type AwsUserType, type DataPlatformId, dataPlatformIds, dataPlatforms } from '../platforms/data-platforms.ts';
import { grantImpersonation } from '../platforms/grant-impersonation.ts';
import { evaluateImpersonation } from '../platforms/impersonation.ts';
import { impersonationPlatforms } from '../platforms/impersonation-statements.ts';
import { writeQueryAudit } from '../platforms/query-audit.ts';
import { guessedCase, resolveExternalIds } from '../platforms/resolve-external-ids.ts';
import { assertVersion } from './assert-version.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { applyMergePatch } from './merge-patch.ts';
import { VersionedAnswer } from './versioned-answer.ts';

interface ExternalIdRequest {
  readonly path: { readonly iamid: string; readonly userid: string; readonly platform: DataPlatformId };
  readonly body: {
    readonly kind: 'mapped' | 'none' | 'unset';
    readonly id?: string;
    readonly awsType: AwsUserType | null;
  };
}

interface WireName {
  readonly iamid: string;
  readonly userid: string;
}

interface ImpersonationRequest {
  readonly path: { readonly platform: DataPlatformId };
  readonly body: { readonly user: WireName; readonly target: WireName; readonly query: string };
}

interface GrantRequest {
  readonly path: { readonly platform: DataPlatformId };
  readonly body: { readonly user: WireName; readonly isGiven: boolean };
}

const toUserName = ({ iamid, userid }: WireName): UserName => ({ iam: iamid, userid });

export const platformHandlers: Readonly<Record<string, Handler>> = {
  setExternalId: handle<ExternalIdRequest>(({ path, body: { kind, id = '', awsType } }, { simulator, by }) => {
    const choice = kind === 'mapped' ? { kind, id, awsType } : { kind };
    return simulator.externalIds.set(toUserName(path), path.platform, choice, by);
  }),
  resolveExternalIds: handle<{ path: { platform: DataPlatformId }; query: { ignoreCase: boolean } }>(
    ({ path, query }, { simulator }) =>
      resolveExternalIds(simulator.externalIds, path.platform, {
        undocumentedCase: query.ignoreCase ? 'ignored' : guessedCase,
        includeDisabled: false,
      }),
  ),
  getIntegrations: handle((_request, { simulator }) => toVersionedIntegrations(simulator)),
  replaceIntegrations: handle<{ body: { settings: unknown }; ifMatch: string | null }>(
    ({ body, ifMatch }, { simulator, by }) => {
      assertVersion(ifMatch, toVersionedIntegrations(simulator));
      simulator.integrations.set(body.settings, by);
      return toVersionedIntegrations(simulator);
    },
  ),
  patchIntegrations: handle<{ body: { settings: unknown }; ifMatch: string | null }>(
    ({ body, ifMatch }, { simulator, by }) => {
      assertVersion(ifMatch, toVersionedIntegrations(simulator));
      simulator.integrations.set(applyMergePatch(simulator.integrations.stored(), body.settings), by);
      return toVersionedIntegrations(simulator);
    },
  ),
  grantImpersonation: handle<GrantRequest>(({ path, body }, { simulator, by }) =>
    grantImpersonation(simulator, path.platform, toUserName(body.user), body.isGiven, by),
  ),
  tryImpersonation: handle<ImpersonationRequest>(({ path, body }, { simulator }) =>
    toTrial(simulator, path.platform, body),
  ),
};

function toIntegrations({ integrations }: Call['simulator']) {
  return {
    platforms: dataPlatformIds.map((id) => {
      const { name, letterCase, hasNone } = dataPlatforms[id];
      const knowsImpersonation = impersonationPlatforms.some((known) => known === id);
      return { id, name, letterCase, hasNone, knowsImpersonation };
    }),
    settings: integrations.stored(),
    loaded: integrations.get(),
  };
}

function toVersionedIntegrations(simulator: Call['simulator']): VersionedAnswer {
  return new VersionedAnswer(toIntegrations(simulator), simulator.integrations.stored());
}

function toTrial(simulator: Call['simulator'], platform: DataPlatformId, body: ImpersonationRequest['body']) {
  const evaluated = evaluateImpersonation(simulator, platform, toUserName(body.user), toUserName(body.target));
  if (!evaluated.isAllowed) return evaluated;
  return { ...evaluated, audit: writeQueryAudit(evaluated, body.query, simulator.now()) };
}

/** Responses of `getIntegrations` and `tryImpersonation`. */
export type IntegrationsBody = ReturnType<typeof toIntegrations>;
export type TrialBody = ReturnType<typeof toTrial>;
