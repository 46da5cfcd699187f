// REST operations on IAMs: list and sync.

import type { FailureKind } from '../sync/evaluate-response.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { runSync } from '../sync/run-sync.ts';
import type { SyncControl } from '../sync/sync-request.ts';
import { ApiError } from './api-error.ts';
import { assertKnownReferences } from './credential-references.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { toSyncAnswer } from './sync-answer.ts';
import { toIamBody } from './wire.ts';

interface SyncBody {
  readonly userId: string;
  readonly dryRun: boolean;
  readonly tolerate: readonly FailureKind[];
  readonly iamConfig?: Readonly<Record<string, unknown>>;
}

const everybody = '*';

export const iamHandlers: Readonly<Record<string, Handler>> = {
  listIams: handle((_request, { simulator, schedules }) =>
    simulator.identities.iams.list().map((iam) => toIamBody(iam, schedules)),
  ),
  syncIam: handle<{ path: { iamid: string }; body: SyncBody }>(({ path, body }, call) => sync(call, path.iamid, body)),
  syncUsers: handle<{ body: { iamid: string; tolerate: readonly FailureKind[] } }>(
    ({ body: { iamid, tolerate } }, call) => sync(call, iamid, { userId: everybody, dryRun: false, tolerate }),
  ),
};

async function sync(
  { simulator, runner, readUserList, by }: Call,
  iam: string,
  { userId, dryRun, tolerate, iamConfig }: SyncBody,
) {
  if (iamConfig !== undefined) {
    if (!dryRun)
      throw new ApiError(400, 'iamConfig is allowed only in a dry run. Set dryRun to true, or remove iamConfig.');
    assertKnownReferences(simulator.identities.iams.get(iam).settings, iamConfig);
  }
  const whom =
    userId === everybody
      ? ({ scope: 'all', userids: null } as const)
      : ({ scope: 'users', userids: [userId] } as const);
  const work = async (control: SyncControl) => {
    const list = await readUserList(iam, loadIamSettings(iamConfig ?? simulator.identities.iams.get(iam).settings));
    const settings = iamConfig === undefined ? {} : { settings: iamConfig };
    return runSync(simulator, { iam, dryRun, by, ...whom, list, ...settings }, control);
  };
  return toSyncAnswer(await runner.run(iam, work), tolerate);
}
