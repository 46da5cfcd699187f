// Tests that the server reads its peers' certificates in the one way that leaves no memory behind.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const server = dirname(import.meta.dirname);

describe('the certificates of peers', () => {
  it('are asked for in one file, and by the way that Node frees', () => {
    const sources = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    const asking = (call: string) => sources.filter((name) => readFileSync(join(server, name), 'utf8').includes(call));
    expect(asking('.getPeerX509Certificate()')).to.deep.equal([]);
    // The doctor asks others as a client, once.
    expect(asking('.getPeerCertificate(')).to.have.members(['auth/peer-certificate.ts', 'doctor/probe-host.ts']);
  });
});
