// REST operations that request users and store nothing: comparing two endpoints, and finding the assumptions that matter.
import { parse, YAMLParseError } from 'yaml';
import { compareEndpoints, withUri } from '../sync/compare-endpoints.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { findSensitivity } from '../sync/sensitivity.ts';
import { ApiError } from './api-error.ts';
import { type GivenSecrets, withSecrets } from './given-secrets.ts';
import { type Handler, handle } from './handler.ts';
import { applyMergePatch } from './merge-patch.ts';

interface IamPath {
  readonly iamid: string;
}

interface CompareBody {
  readonly with?: string;
  readonly username?: string;
  readonly file?: string;
  readonly secrets?: GivenSecrets;
}

type Settings = Readonly<Record<string, unknown>>;

/** Maximum number of differences listed; further ones are only counted. */
const maxDifferences = 1000;

export const analysisHandlers: Readonly<Record<string, Handler>> = {
  compareEndpoints: handle<{ path: IamPath; body: CompareBody }>(
    ({ path: { iamid }, body }, { simulator, runner, readUserList }) =>
      runner.runUnrecorded(iamid, 'comparison', async (control) => {
        const { identities, secretFiles } = simulator;
        const stored = identities.iams.get(iamid).settings;
        const list = await readUserList(iamid, loadIamSettings(stored));
        const other = withSecrets(secretFiles, iamid, stored, readOther(stored, body), body.secrets ?? {});
        try {
          const { differences, ...others } = await compareEndpoints(simulator, iamid, other, list, control);
          return { ...others, differences: differences.slice(0, maxDifferences), count: differences.length };
        } finally {
          // Deletes the secrets that were sent for the comparison. The IAM's settings may have changed in the meantime.
          secretFiles.deleteUnused(iamid, identities.iams.find(iamid)?.settings ?? null);
        }
      }),
  ),
  findSensitivity: handle<{ path: IamPath }>(({ path: { iamid: iam } }, { simulator, runner, readUserList, by }) =>
    runner.runUnrecorded(iam, 'sensitivity analysis', async (control) => {
      const list = await readUserList(iam, loadIamSettings(simulator.identities.iams.get(iam).settings));
      const request = { iam, scope: 'all', userids: null, list, dryRun: true, by } as const;
      const found = await findSensitivity(simulator, request, control);
      const { asked, answered, created, changed, disabled, losing, stopped } = found.summary;
      const summary = { created, changed, disabled, losing, stopped };
      return { ending: found.ending, asked, answered, summary, rows: found.rows, notEvaluated: found.notEvaluated };
    }),
  ),
};

/**
 * Returns the other settings. @throws {ApiError} 400 if the file is not a map in YAML or JSON, if not exactly one of `with` and `file` is given, or
 * if `username` is given without `with`.
 */
function readOther(stored: Settings, { with: uri, username, file }: CompareBody): Settings {
  if (username !== undefined && uri === undefined) {
    throw new ApiError(
      400,
      '`username` is allowed only together with `with`. With a settings file, set the user name in that file.',
    );
  }
  if (uri !== undefined && file === undefined) {
    const other = withUri(stored, uri);
    const account = { useAuth: true, authentication: { username } };
    return username === undefined ? other : (applyMergePatch(other, { externalUserInfo: account }) as Settings);
  }
  if (file === undefined || uri !== undefined) {
    throw new ApiError(
      400,
      'Specify either the address of the other endpoint in `with`, or the text of a settings file in `file`.',
    );
  }
  const settings = parseFile(file);
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings as Settings;
  throw new ApiError(400, 'The settings file must contain a map of options.');
}

function parseFile(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // The parser's own message quotes the text.
    const line = error instanceof YAMLParseError ? ` See line ${error.linePos?.[0].line}.` : '';
    throw new ApiError(400, `The settings file is neither YAML nor JSON.${line}`);
  }
}
