// Operations on the settings of an IAM: reading, replacing and patching them, "Test connection" and "Test user login".
import { loadIamSettings } from '../sync/iam-settings.ts';
import { runSync } from '../sync/run-sync.ts';
import { testConnection } from '../sync/test-connection.ts';
import { readState } from '../sync/user-state.ts';
import { assertKnownReferences } from './credential-references.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { applyMergePatch } from './merge-patch.ts';
import { assertVersion, VersionedAnswer } from './versions.ts';
import { toSyncBody } from './wire.ts';

interface IamPath {
  readonly iamid: string;
}
interface SettingsBody {
  readonly settings?: Readonly<Record<string, unknown>>;
}

interface ChangeRequest {
  readonly path: IamPath;
  readonly body: Required<SettingsBody>;
  readonly ifMatch: string | null;
}

export const settingsHandlers: Readonly<Record<string, Handler>> = {
  getIamSettings: handle<{ path: IamPath }>(({ path }, call) => toVersioned(call, path)),
  replaceIamSettings: handle<ChangeRequest>(({ path, body, ifMatch }, call) => {
    assertVersion(ifMatch, toVersioned(call, path));
    return saveSettings(call, path, body.settings);
  }),
  patchIam: handle<ChangeRequest>(({ path, body, ifMatch }, call) => {
    assertVersion(ifMatch, toVersioned(call, path));
    const { settings: stored } = call.simulator.identities.iams.get(path.iamid);
    return saveSettings(call, path, applyMergePatch(stored, body.settings) as typeof stored);
  }),
  testConnection: handle<{ path: IamPath; body: SettingsBody }>(({ path, body }, call) =>
    testConnection(judgeSettings(call, path, body), new AbortController().signal),
  ),
  testUserList: handle<{ path: IamPath; body: SettingsBody }>(async ({ path, body }, call) => {
    const list = await call.readUserList(path.iamid, loadIamSettings(judgeSettings(call, path, body)));
    return { name: list?.name ?? null, users: list?.users.length ?? null };
  }),
  testUserLogin: handle<{ path: IamPath; body: SettingsBody & { readonly userid: string } }>(
    async ({ path, body }, call) => {
      const { simulator, runner, by } = call;
      const request = {
        iam: path.iamid,
        scope: 'login',
        userids: [body.userid],
        list: null,
        dryRun: true,
        by,
        settings: judgeSettings(call, path, body),
      } as const;
      const result = await runner.run(path.iamid, (control) => runSync(simulator, request, control));
      const [user] = simulator.runs.page(result.run.id, '', 1);
      const state = user?.after ?? user?.before ?? null;
      return {
        ...toSyncBody(result),
        outcome: user?.outcome ?? null,
        status: user?.status ?? null,
        user: state === null ? null : readState(state),
      };
    },
  ),
};

function saveSettings(call: Call, path: IamPath, given: Required<SettingsBody>['settings']): VersionedAnswer {
  const settings = judgeSettings(call, path, { settings: given });
  call.simulator.identities.iams.setSettings(path.iamid, settings, call.by);
  call.schedules.refresh();
  return toVersioned(call, path);
}

/** Those that are given, or those that are kept. @throws {ApiError} 409 for a reference; {SyncError} for all other faults. */
function judgeSettings({ simulator }: Call, { iamid }: IamPath, { settings }: SettingsBody) {
  const stored = simulator.identities.iams.get(iamid).settings;
  if (settings === undefined) return stored;
  assertKnownReferences(stored, settings);
  loadIamSettings(settings);
  return settings;
}

/** `loaded` has every default; null: the endpoint is not set. */
function toBody({ simulator, schedules }: Call, { iamid }: IamPath) {
  const iam = simulator.identities.iams.get(iamid);
  const loaded = Object.keys(iam.settings).length === 0 ? null : loadIamSettings(iam.settings);
  return { ...iam, loaded, nextSync: schedules.nextRun(iamid) };
}

function toVersioned(call: Call, path: IamPath): VersionedAnswer {
  const { nextSync: _nextSync, loaded: _loaded, ...stored } = toBody(call, path);
  return new VersionedAnswer(toBody(call, path), stored);
}

/** What `getIamSettings` answers. */
export type IamSettingsBody = ReturnType<typeof toBody>;
