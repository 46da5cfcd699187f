// Tests the facts about how requests are sent: values, evidence and reasons, and the facts of a run that was resumed.
import { expect } from 'chai';
import { createConnectionRecorder, mergeConnectionFacts } from './connection-facts.ts';
import type { RequestFacts } from './recorded-request.ts';
import type { SequenceFacts } from './request-sequence.ts';

const client = 'sha256:0123456789abcdef';
const plain: RequestFacts = {
  ...{ isOnKeptConnection: false, client, offer: null, headers: ['host'], forwardingHeaders: [] },
  transport: { httpVersion: '1.1', tlsVersion: null, cipher: null, sendsServerName: null, clientCertificate: 'none' },
  encoding: { spaceAs: null, plusSignAs: null, atSignAs: null, nonAsciiAs: null, escapeCase: [] },
  ...{ peer: 0, isFromPlatform: null },
};
const secure: RequestFacts = {
  ...plain,
  offer: { versions: ['TLSv1.3', 'TLSv1.2'], ciphers: ['0x1302', '0x1301'], alpn: [], hasServerName: true },
  transport: {
    ...{ httpVersion: '1.1', tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    ...{ sendsServerName: true, clientCertificate: 'trusted' },
  },
  encoding: { ...plain.encoding, plusSignAs: '%2B', escapeCase: ['upper'] },
};

function summarize(requests: readonly RequestFacts[], stated: boolean | null = null, sequence: SequenceFacts = {}) {
  const recorder = createConnectionRecorder('all');
  for (const request of requests) recorder.add(request);
  return recorder.summarize(stated, sequence);
}

describe('facts about how requests are sent', () => {
  it('contain the observed values, the number of requests that show them, and the clients', () => {
    const facts = summarize([secure, secure, { ...secure, isOnKeptConnection: true, peer: 1 }]);
    expect(facts.tlsVersionsOffered).to.deep.include({ determined: 'measured', value: ['TLSv1.3', 'TLSv1.2'] });
    expect(facts.ciphersOffered?.value, 'in the order of the client').to.deep.equal(['0x1302', '0x1301']);
    expect(facts.ciphers?.value).to.deep.equal(['TLS_AES_256_GCM_SHA384']);
    expect(facts.clientCertificates?.value).to.deep.equal(['trusted']);
    expect([facts.sendsServerName?.value, facts.reusesConnections?.value]).to.deep.equal([true, true]);
    expect([facts.plusSignAs?.value, facts.escapeCase?.value]).to.deep.equal([['%2B'], ['upper']]);
    expect([facts.peerAddresses?.value, facts.forwardingHeaders?.value]).to.deep.equal([2, []]);
    expect(facts.reusesConnections?.evidence?.[0]).to.deep.include({
      ...{ experiment: 'all', tries: 3, agreeing: 1 },
      clients: [client],
    });
  });

  it('contain a reason when the requests do not show the value', () => {
    const facts = summarize([plain]);
    for (const name of ['ciphers', 'ciphersOffered', 'tlsVersionsOffered', 'alpnOffered', 'sendsServerName'] as const) {
      expect(facts[name], name).to.deep.equal({ determined: 'no', reason: 'The requests came over plain HTTP.' });
    }
    expect(summarize([{ ...secure, offer: null }]).ciphersOffered?.reason).to.equal('The ClientHello was not read.');
    expect(facts.atSignAs?.reason).to.equal('No requested user id contained an at sign.');
    expect(facts.reusesConnections?.reason).to.match(/^No request came on a persistent connection. Only /);
    const reuseAt = (value: number) => {
      const { reusesConnections } = summarize([plain], null, { maxConcurrent: { determined: 'measured', value } });
      return [reusesConnections?.determined, reusesConnections?.value];
    };
    expect([reuseAt(1), reuseAt(8)]).to.deep.equal([
      ['measured', false],
      ['no', undefined],
    ]);
    const unnamed = { ...secure, transport: { ...secure.transport, sendsServerName: false } };
    expect(summarize([secure, unnamed]).sendsServerName).to.include({ determined: 'no' });
    expect(summarize([])).to.deep.equal({});
  });

  it("identify an intermediary first by its headers, then by addresses, then by the operator's statement", () => {
    const of = (request: RequestFacts, stated: boolean | null = null) => {
      const { determined, value } = summarize([request], stated).intermediary ?? {};
      return [determined, value];
    };
    const from = (isFromPlatform: boolean, forwardingHeaders: string[] = []) => ({
      ...plain,
      isFromPlatform,
      forwardingHeaders,
    });
    expect(of(from(true, ['via']), false)).to.deep.equal(['measured', true]);
    expect(of(from(false), false)).to.deep.equal(['measured', true]);
    expect(of(from(true), true)).to.deep.equal(['measured', false]);
    expect(of(plain, true)).to.deep.equal(['answered', true]);
    expect(of(plain)).to.deep.equal(['no', undefined]);
  });

  it('combine the observations of both parts of a resumed run', () => {
    const before = summarize([secure, secure, { ...secure, isOnKeptConnection: true, forwardingHeaders: ['via'] }]);
    const now = summarize([plain, { ...plain, peer: 1 }, plain]);
    const merged = mergeConnectionFacts(before, now);
    expect(merged.clientCertificates?.value).to.deep.equal(['none', 'trusted']);
    expect(merged.clientCertificates?.evidence?.[0]).to.include({ tries: 6, agreeing: 6 });
    expect(merged.ciphers?.value).to.deep.equal(['TLS_AES_256_GCM_SHA384']);
    expect(merged.peerAddresses?.value).to.equal(2);
    expect([merged.reusesConnections?.value, merged.intermediary?.value]).to.deep.equal([true, true]);
    expect(mergeConnectionFacts({}, now)).to.deep.equal(now);
    expect(mergeConnectionFacts(before, {})).to.deep.equal(before);
    const unnamed = summarize([{ ...secure, transport: { ...secure.transport, sendsServerName: false } }]);
    expect(mergeConnectionFacts(before, unnamed).sendsServerName).to.include({
      determined: 'no',
      reason: 'The runs disagree.',
    });
  });
});
