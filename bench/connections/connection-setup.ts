// Messages between the connections benchmark and its peers.
import { readFileSync } from 'node:fs';

export interface ConnectionSetup {
  /** PEM files. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly clientCertificate: string;
  readonly clientCertificates: boolean;
  /** Directory for the peer's own files. */
  readonly directory: string;
}

export const path = '/user-info';
export const askedUserid = 'ada.lovelace';
export const askedUser = {
  groups: [{ name: 'analysts' }, { name: 'finance' }],
  authorizations: { department: ['finance'], region: ['emea', 'apac'] },
};

export function readSetup(): ConnectionSetup {
  const text = process.argv[2];
  if (text === undefined) throw new Error('This is started by bench/connections/bench.ts.');
  return JSON.parse(text) as ConnectionSetup;
}

export function readTls({ ca, certificate, key, clientCertificates }: ConnectionSetup) {
  const trust = clientCertificates ? { ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true } : {};
  return { cert: readFileSync(certificate), key: readFileSync(key), ...trust };
}

/** Reports to the benchmark that the peer is serving and, on request, the peer's CPU time. Stops the process when the benchmark disconnects. */
export function announce(port: number): void {
  process.once('disconnect', () => process.exit());
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.send?.(port);
}
