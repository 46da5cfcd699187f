// Owns the audit trail: who asked about whom, what was decided, and from which state of the server.
import type { AuditEntry } from '../schemas/generated/audit-entry.ts';
import type { AuditConfig } from '../schemas/generated/loaded-server-config.ts';
import { type AuditFile, openAuditFile } from './audit-file.ts';
import type { Authenticate } from './auth/authenticate.ts';
import type { OnAnswered } from './request-record.ts';
import { createUseridDisplay } from './userid-pseudonym.ts';

/** From which state of the server a request was answered. */
export interface AuditedState {
  /** Of the configuration. */
  generation(): number;
  /** Of the source's data; `undefined`: it has none. */
  sourceGeneration(): number | undefined;
}

export interface AuditTrail {
  /** What records the requests of a generation. @param fallbackKey of user ids, where the configuration has no key. */
  recordsOf(config: AuditConfig, fallbackKey: string, state: AuditedState): OnAnswered;
  /** Puts the condition in front that the trail can be written, where the configuration has it. */
  guard(config: AuditConfig, authenticate: Authenticate): Authenticate;
  reopen(): void;
  /** For people; `null`: none. */
  trouble(): string | null;
  lost(): number;
  close(): Promise<void>;
}

/** @throws an Error of Node's when the file can't be opened. */
export function openAuditTrail({ file: path }: AuditConfig): AuditTrail {
  const file: AuditFile = openAuditFile(path);
  return {
    recordsOf(config, fallbackKey, state) {
      const display = createUseridDisplay(config.userid, config.useridHashKey?.reveal() ?? fallbackKey);
      return ({ requestId, caller, remoteAddress, method, userid, status, code }) => {
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
        file.append(`${JSON.stringify(entry)}\n`);
      };
    },
    guard(config, authenticate) {
      if (config.whenUnwritable === 'serve') return authenticate;
      return (request) =>
        file.trouble() === null
          ? authenticate(request)
          : { granted: false, code: 'audit-unavailable', retryAfterSeconds: 5 };
    },
    reopen: () => file.reopen(),
    trouble() {
      const trouble = file.trouble();
      return trouble === null ? null : `The audit trail ${path} can't be written (${trouble}).`;
    },
    lost: () => file.lost(),
    close: () => file.close(),
  };
}
