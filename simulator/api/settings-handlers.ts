// Owns operations on the settings of an IAM: reading and replacing them, "Test connection" and "Test user login".
import { compareEndpoints, withUri } from '../sync/compare-endpoints.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { runSync } from '../sync/run-sync.ts';
import { findSensitivity } from '../sync/sensitivity.ts';
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

/** More differences than this are counted only. */
const maxDifferences = 1000;

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
  compareEndpoints: handle<{ path: IamPath; body: { readonly with: string } }>(async ({ path, body }, call) => {
    const stored = call.simulator.identities.iams.get(path.iamid).settings;
    const other = judgeSettings(call, path, { settings: withUri(stored, body.with) });
    const list = await call.readUserList(path.iamid, loadIamSettings(stored));
    const { differences, ...others } = await compareEndpoints(call.simulator, path.iamid, other, list);
    return { ...others, differences: differences.slice(0, maxDifferences), count: differences.length };
  }),
  findSensitivity: handle<{ path: IamPath }>(async ({ path: { iamid: iam } }, { simulator, readUserList, by }) => {
    const list = await readUserList(iam, loadIamSettings(simulator.identities.iams.get(iam).settings));
    const request = { iam, scope: 'all', userids: null, list, dryRun: true, by } as const;
    const { ending, summary, rows, notEvaluated } = await findSensitivity(simulator, request);
    const { asked, answered } = summary;
    return { ending, asked, answered, rows, notEvaluated };
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
