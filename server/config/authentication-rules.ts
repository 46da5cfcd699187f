// Cross-field rules of authentication and listener.
import type { AuthenticationConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { certificateRequestOf } from '../auth/create-authentication.ts';
import { assertPasswordHash } from '../auth/password-hash.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { faultAt, findNetworkFaults } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

type Mode = AuthenticationConfig['mode'];
const passwordModes: ReadonlySet<Mode> = new Set(['basic', 'both', 'either']);
const certificateModes: ReadonlySet<Mode> = new Set(['mtls', 'both', 'either']);

export const authenticationRules: readonly CrossFieldRule[] = [
  {
    reads: ['authentication.mode', 'listener.host'],
    findFaults: ({ authentication, listener }) =>
      authentication.mode !== 'none' || isLoopbackHost(listener.host)
        ? []
        : [
            faultAt(
              'authentication.mode',
              '"none" accepts every caller, which is allowed on a loopback address only (127.0.0.1, ::1, localhost). Choose basic, mtls, both or either',
            ),
          ],
  },
  {
    reads: ['authentication.mode', 'authentication.basic'],
    findFaults: ({ authentication: { mode, basic } }) =>
      !passwordModes.has(mode) || basic?.htpasswdFile !== undefined || (basic?.credentials.length ?? 0) > 0
        ? []
        : [
            faultAt(
              'authentication.basic',
              `mode ${mode} needs at least one entry in authentication.basic.credentials, or authentication.basic.htpasswdFile`,
            ),
          ],
  },
  {
    reads: ['authentication.mode', 'authentication.clientCertificate', 'listener.tls'],
    findFaults: ({ authentication: { mode, clientCertificate }, listener: { tls } }) => {
      if (!certificateModes.has(mode)) return [];
      const faults: OptionFault[] = [];
      const isForwarded = clientCertificate?.forwarded !== undefined;
      if (!tls && !isForwarded) faults.push(faultAt('authentication.mode', `${mode} needs listener.tls with clientCa`));
      else if (!isForwarded && tls?.clientCa.length === 0) {
        faults.push(faultAt('listener.tls.clientCa', `mode ${mode} needs the CAs of its client certificates`));
      }
      if (!clientCertificate || clientCertificate.allow.length === 0) {
        const message = `mode ${mode} requires at least one accepted certificate; otherwise every certificate of the CA would be accepted`;
        faults.push(faultAt('authentication.clientCertificate.allow', message));
      }
      if (clientCertificate?.request === 'none' && mode !== 'either' && !isForwarded) {
        const message = `"none" contradicts mode ${mode}, which requires a certificate. Remove it`;
        faults.push(faultAt('authentication.clientCertificate.request', message));
      }
      return faults;
    },
  },
  {
    reads: ['authentication.mode', 'authentication.clientCertificate', 'listener.tls'],
    findFaults: ({ authentication: { mode, clientCertificate }, listener: { tls } }) => {
      if (!clientCertificate || certificateModes.has(mode)) return [];
      if (!tls) return [faultAt('authentication.clientCertificate', 'has no effect without listener.tls')];
      const asks = clientCertificate.request === 'required' || clientCertificate.request === 'optional';
      // Without CAs of its own, Node would accept a certificate of any public CA.
      if (!asks || tls.clientCa.length > 0) return [];
      return [faultAt('authentication.clientCertificate.request', 'needs listener.tls.clientCa')];
    },
  },
  {
    reads: ['authentication.mode', 'authentication.clientCertificate', 'listener.trustProxy'],
    findFaults: ({ authentication: { mode, clientCertificate }, listener: { trustProxy } }) => {
      if (!clientCertificate?.forwarded) return [];
      const at = 'authentication.clientCertificate.forwarded';
      if (!certificateModes.has(mode)) return [faultAt(at, `has no effect in mode ${mode}`)];
      return trustProxy ? [] : [faultAt(at, 'needs listener.trustProxy, the proxies that may forward certificates')];
    },
  },
  {
    reads: ['authentication', 'listener.trustProxy', 'listener.tls'],
    findFaults: ({ authentication, listener }) =>
      !listener.trustProxy?.certificates.length ||
      (listener.tls?.clientCa.length && certificateRequestOf({ authentication, listener }) !== 'none')
        ? []
        : [
            faultAt(
              'listener.trustProxy.certificates',
              'needs listener.tls.clientCa, and a handshake that requests a certificate (authentication.clientCertificate.request)',
            ),
          ],
  },
  {
    reads: ['authentication.failedLogins.callerNetworks'],
    findFaults: ({ authentication: { failedLogins } }) =>
      findNetworkFaults('authentication.failedLogins.callerNetworks', failedLogins.callerNetworks),
  },
  { reads: ['authentication.basic'], findFaults: findHashFaults },
];

function findHashFaults({ authentication: { basic } }: LoadedServerConfig): OptionFault[] {
  return (basic?.credentials ?? []).flatMap(({ passwordHash }, index) => {
    if (!passwordHash) return [];
    try {
      assertPasswordHash(passwordHash.reveal());
      return [];
    } catch (error) {
      return [faultAt(`authentication.basic.credentials[${index}].passwordHash`, (error as Error).message)];
    }
  });
}
