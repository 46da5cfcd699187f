// Tests of the credential cache: lifetimes, and one verification for all concurrent requests.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { CredentialCache } from './credential-cache.ts';

describe('the credential cache', () => {
  it('finds no header that was not verified', () => {
    expect(new CredentialCache({ acceptedForSeconds: 60 }).find('Basic x')).to.equal(undefined);
  });

  it('verifies a header once for 50 concurrent requests', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    let verifications = 0;
    const verify = async () => {
      verifications += 1;
      await delay(10);
      return 'ada';
    };
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => remembered.verifyOnce('Basic x', verify)));
    expect(new Set(outcomes)).to.deep.equal(new Set(['ada']));
    expect(verifications).to.equal(1);
    expect(remembered.find('Basic x')).to.equal('ada');
  });

  it('distinguishes accepted, rejected and other headers', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    await remembered.verifyOnce('Basic right', async () => 'ada');
    await remembered.verifyOnce('Basic wrong', async () => null);
    expect(remembered.find('Basic right')).to.equal('ada');
    expect(remembered.find('Basic wrong')).to.equal(null);
    expect(remembered.find('Basic right ')).to.equal(undefined);
    expect(remembered.find('basic right')).to.equal(undefined);
  });

  it('stores an empty user name as accepted', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    await remembered.verifyOnce('Basic x', async () => '');
    expect(remembered.find('Basic x')).to.equal('');
  });

  it('removes an accepted header when it expires', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 0.05 });
    await remembered.verifyOnce('Basic x', async () => 'ada');
    await delay(100);
    expect(remembered.find('Basic x')).to.equal(undefined);
  });

  it('does not store a failed verification, and passes its error to all waiting callers', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    const fail = async () => {
      await delay(1);
      throw new Error('out of memory');
    };
    const outcomes = await Promise.allSettled([1, 2].map(() => remembered.verifyOnce('Basic x', fail)));
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(remembered.find('Basic x')).to.equal(undefined);
    expect(await remembered.verifyOnce('Basic x', async () => 'ada')).to.equal('ada');
  });

  it('does not store a header that exceeds the maximum length', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    const header = `Basic ${'x'.repeat(2000)}`;
    expect(await remembered.verifyOnce(header, async () => 'ada')).to.equal('ada');
    expect(remembered.find(header)).to.equal(undefined);
  });

  it('is bounded, and wrong headers never evict a correct one', async () => {
    const remembered = new CredentialCache({ acceptedForSeconds: 60 });
    await remembered.verifyOnce('Basic right', async () => 'ada');
    for (let guess = 0; guess <= 10_000; guess += 1) {
      await remembered.verifyOnce(`Basic ${guess}`, async () => null);
    }
    expect(remembered.find('Basic right')).to.equal('ada');
    expect(remembered.find('Basic 10000')).to.equal(null);
    expect(remembered.find('Basic 0'), 'the oldest had to go').to.equal(undefined);
  });
});
