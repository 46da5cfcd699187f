// The audit trail: who requested whose user info, what was decided, and from which state of the server.
import { errorCodes } from '../../schemas/error-codes.ts';
import type { AuditEntry } from '../../schemas/generated/audit-entry.ts';
import type { AuditConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { createSparingLog } from '../guards/sparing-log.ts';
import { createUseridDisplay } from './access-log.ts';
import { type AuditFile, openAuditFile } from './audit-file.ts';
import type { ServerLog } from './logger.ts';
import type { Commit, OnAnswered, RequestRecord } from './request-record.ts';

const unavailable = 'audit-unavailable';

/** State of the server at the time of a response. */
export interface AuditedState {
  /** Returns the generation of the configuration. */
  generation(): number;
  /** Returns the version of the source's data; `undefined`: it has none. */
  sourceGeneration(): number | undefined;
}

/** How the requests of a generation are recorded: after the response (`serve`), or before it (`refuse`). The other one is `null`. */
export type AuditRecorder =
  | { readonly onAnswered: OnAnswered; readonly commit: null }
  | { readonly onAnswered: null; readonly commit: Commit };

export interface AuditTrail {
  /** Creates a generation's recorder. @param fallbackKey key for user ids when the configuration has none. */
  recorderOf(config: AuditConfig, fallbackKey: string, state: AuditedState): AuditRecorder;
  /** Adds to authentication, if configured, the condition that the trail can be written. */
  guard(config: AuditConfig, authenticate: Authenticate): Authenticate;
  reopen(): void;
  /** Returns why the trail needs attention, as text; `null` when it does not. */
  trouble(): string | null;
  lost(): number;
  close(): Promise<void>;
}

/** @throws Node's error when the file cannot be opened. */
export function openAuditTrail({ file: path, fsync }: AuditConfig, logger: ServerLog['logger']): AuditTrail {
  const warnOfLost = createSparingLog(logger);
  const file: AuditFile = openAuditFile(path, {
    fsync,
    onLost: (lines) =>
      warnOfLost({ file: path, reason: file.trouble(), lines, total: file.lost() }, 'audit trail lines were lost'),
    onTrouble(reason) {
      if (reason === null) logger.info({ file: path }, 'the audit trail is writable again');
      else logger.error({ file: path, reason }, 'the audit trail is not writable');
    },
  });
  return {
    recorderOf(config, fallbackKey, state) {
      const display = createUseridDisplay(config.userid, config.useridHashKey?.reveal() ?? fallbackKey);
      const lineOf = ({ requestId, caller, remoteAddress, method, userid, status, code }: RequestRecord) => {
        const sourceGeneration = userid === null ? undefined : state.sourceGeneration();
        const shown = userid === null ? undefined : display(userid);
        const entry: AuditEntry = {
          time: new Date().toISOString(),
          requestId,
          caller,
          address: remoteAddress,
          method,
          ...(shown !== undefined && { userid: shown }),
          status,
          decision: code ?? 'answered',
          generation: state.generation(),
          ...(sourceGeneration !== undefined && { sourceGeneration }),
        };
        return `${JSON.stringify(entry)}\n`;
      };
      if (config.whenUnwritable === 'serve') {
        return { onAnswered: (record) => file.append(lineOf(record)), commit: null };
      }
      return {
        onAnswered: null,
        async commit(record) {
          if (await file.commit(lineOf(record))) return true;
          // The replacement response is recorded as soon as the file can be written.
          file.append(lineOf({ ...record, status: errorCodes[unavailable].status, code: unavailable }));
          return false;
        },
      };
    },
    guard(config, authenticate) {
      if (config.whenUnwritable === 'serve') return authenticate;
      return (request) => (file.trouble() === null ? authenticate(request) : { granted: false, code: unavailable });
    },
    reopen: () => file.reopen(),
    trouble() {
      const trouble = file.trouble();
      if (trouble !== null) return `The audit trail ${path} cannot be written (${trouble}).`;
      const reopenTrouble = file.reopenTrouble();
      return (
        reopenTrouble && `The audit trail ${path} cannot be opened again (${reopenTrouble}); lines go to the old file.`
      );
    },
    lost: () => file.lost(),
    close: () => file.close(),
  };
}
