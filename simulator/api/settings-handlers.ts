// Owns operations on the settings of an IAM: reading and replacing them, "Test connection" and "Test user login".
import { loadIamSettings } from '../sync/iam-settings.ts';
import { runSync } from '../sync/run-sync.ts';
import { testConnection } from '../sync/test-connection.ts';
import { readState } from '../sync/user-state.ts';
import { assertKnownReferences } from './credential-references.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { toSyncBody } from './wire.ts';

interface IamPath {
  readonly iamid: string;
}
interface SettingsBody {
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const settingsHandlers: Readonly<Record<string, Handler>> = {
  getIamSettings: handle<{ path: IamPath }>(({ path }, call) => toBody(call, path)),
  replaceIamSettings: handle<{ path: IamPath; body: Required<SettingsBody> }>(({ path, body }, call) => {
    const settings = judgeSettings(call, path, body);
    call.simulator.identities.iams.setSettings(path.iamid, settings, call.by);
    call.schedules.refresh();
    return toBody(call, path);
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
        detail: user?.detail ?? null,
        user: state === null ? null : readState(state),
      };
    },
  ),
};

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

/** What `getIamSettings` answers. */
export type IamSettingsBody = ReturnType<typeof toBody>;
