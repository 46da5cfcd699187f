// Tests that a host counts as one client whichever of its addresses it uses.
import { expect } from 'chai';
import { clientNetworkOf } from './client-network.ts';

describe('the network that a limit is kept for', () => {
  const networks: Array<[address: string, network: string]> = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['', ''],
  ];
  for (const [address, network] of networks) {
    it(`of ${address || 'a client that has gone'} is ${network || 'none'}`, () => {
      expect(clientNetworkOf(address)).to.equal(network);
    });
  }
});
