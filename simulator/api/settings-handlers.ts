// REST operations on the settings of an IAM: reading, replacing and patching them, "Test connection" and "Test user login".
import { keepAdministrator } from '../administrators.ts';
import { permit } from '../identities/permissions.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { runSync } from '../sync/run-sync.ts';
import { testConnection } from '../sync/test-connection.ts';
import { readState } from '../sync/user-state.ts';
import { ApiError } from './api-error.ts';
import { assertVersion } from './assert-version.ts';
import { assertKnownReferences } from './credential-references.ts';
import { type GivenSecrets, withSecrets } from './given-secrets.ts';
import { type Call, type Handler, handle } from './handler.ts';
import { applyMergePatch } from './merge-patch.ts';
import { VersionedAnswer } from './versioned-answer.ts';
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

interface IamChange extends SettingsBody {
  readonly displayName?: string;
  readonly secrets?: GivenSecrets;
  /** Replaces all default permissions. */
  readonly defaultPermissions?: readonly string[];
  /** Replaces the permissions of the given groups. */
  readonly groupPermissions?: Readonly<Record<string, readonly string[]>>;
}

interface PatchRequest extends Omit<ChangeRequest, 'body'> {
  readonly body: IamChange;
}

interface NewIam extends IamChange {
  readonly id: string;
  readonly type: string;
}

export const settingsHandlers: Readonly<Record<string, Handler>> = {
  getIamSettings: handle<{ path: IamPath }>(({ path }, call) => toVersioned(call, path)),
  replaceIamSettings: handle<ChangeRequest>(({ path, body, ifMatch }, call) => {
    assertVersion(ifMatch, toVersioned(call, path));
    return saveSettings(call, path, body.settings);
  }),
  patchIam: handle<PatchRequest>(({ path, body, ifMatch }, call) => {
    assertVersion(ifMatch, toVersioned(call, path));
    const { settings: stored } = call.simulator.identities.iams.get(path.iamid);
    return saveIam(call, path, body, applyMergePatch(stored, body.settings ?? {}) as typeof stored);
  }),
  createIam: handle<{ body: NewIam }>(({ body }, call) => {
    const { iams } = call.simulator.identities;
    const { id, displayName = id, type } = body;
    // Runs in one transaction, because an IAM must not exist without its settings.
    const created = call.simulator.identities.transaction(() => {
      iams.create({ id, name: displayName, type }, call.by);
      return saveIam(call, { iamid: id }, body, body.settings ?? {});
    });
    return created;
  }),
  deleteIam: handle<{ path: IamPath }>(({ path }, call) => {
    call.simulator.identities.iams.delete(path.iamid, call.by);
    call.simulator.secretFiles.deleteUnused(path.iamid, null);
    call.schedules.refresh();
  }),
  testConnection: handle<{ path: IamPath; body: SettingsBody }>(async ({ path, body }, call) => {
    const { closing } = call.runner;
    try {
      return await testConnection(validateSettings(call, path, body), closing);
    } catch (error) {
      throw closing.aborted ? new ApiError(503, 'The server is shutting down.') : error;
    }
  }),
  testUserList: handle<{ path: IamPath; body: SettingsBody }>(async ({ path, body }, call) => {
    const list = await call.readUserList(path.iamid, loadIamSettings(validateSettings(call, path, body)));
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
        settings: validateSettings(call, path, body),
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

function saveSettings(call: Call, path: IamPath, given: Required<SettingsBody>['settings']): VersionedAnswer {
  // Without settings, the IAM has no endpoint.
  const settings = Object.keys(given).length === 0 ? given : validateSettings(call, path, { settings: given });
  call.simulator.identities.iams.setSettings(path.iamid, settings, call.by);
  call.simulator.secretFiles.deleteUnused(path.iamid, settings);
  call.schedules.refresh();
  return toVersioned(call, path);
}

/** Saves everything or nothing: if anything is rejected, files of secrets are removed as well. */
function saveIam(
  call: Call,
  path: IamPath,
  { displayName, secrets = {}, defaultPermissions, groupPermissions = {} }: IamChange,
  given: Required<SettingsBody>['settings'],
): VersionedAnswer {
  const { identities, secretFiles } = call.simulator;
  const { settings: stored } = identities.iams.get(path.iamid);
  const settings = withSecrets(secretFiles, path.iamid, stored, given, secrets);
  try {
    keepAdministrator(call.simulator, () => {
      identities.iams.setSettings(path.iamid, settings, call.by);
      if (displayName !== undefined) identities.iams.rename(path.iamid, displayName, call.by);
      if (defaultPermissions !== undefined) permit(identities, path.iamid, null, defaultPermissions, call.by);
      for (const [group, names] of Object.entries(groupPermissions)) {
        permit(identities, path.iamid, group, names, call.by);
      }
    });
  } catch (error) {
    secretFiles.deleteUnused(path.iamid, stored);
    throw error;
  }
  secretFiles.deleteUnused(path.iamid, settings);
  call.schedules.refresh();
  return toVersioned(call, path);
}

/** Returns the given or the stored settings. @throws {ApiError} 409 for a reference that is not allowed; {SyncError} for all other errors. */
function validateSettings({ simulator }: Call, { iamid }: IamPath, { settings }: SettingsBody) {
  const stored = simulator.identities.iams.get(iamid).settings;
  if (settings === undefined) return stored;
  assertKnownReferences(stored, settings);
  loadIamSettings(settings);
  return settings;
}

/** Returns the body of a response. `loaded` contains every default; null: no endpoint is configured. */
function toBody({ simulator, schedules }: Call, { iamid }: IamPath) {
  const iam = simulator.identities.iams.get(iamid);
  const loaded = Object.keys(iam.settings).length === 0 ? null : loadIamSettings(iam.settings);
  return { ...iam, loaded, nextSync: schedules.nextRun(iamid) };
}

function toVersioned(call: Call, path: IamPath): VersionedAnswer {
  const { nextSync: _nextSync, loaded: _loaded, ...stored } = toBody(call, path);
  return new VersionedAnswer(toBody(call, path), stored);
}

/** Response of `getIamSettings`. */
export type IamSettingsBody = ReturnType<typeof toBody>;
