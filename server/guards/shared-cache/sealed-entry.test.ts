// Tests that entries in the shared cache cannot be read, changed, moved to another user, or forged.
import { expect } from 'chai';
import { createSealer } from './sealed-entry.ts';

const key = 'a key that is long enough for the tests';
const sealer = createSealer(key, 'p', 'space');
const entry = {
  json: Buffer.from('{"groups":[{"name":"analysts"}],"authorizations":{}}'),
  bornAtMs: 1_700_000_000_123.5,
};
const name = sealer.nameOf('ada@example.com');

describe('a sealed entry', () => {
  it('can be opened unchanged, even by another sealer with the same key and space', () => {
    const other = createSealer(key, 'p', 'space');
    expect(other.nameOf('ada@example.com')).to.equal(name);
    expect(other.open(name, sealer.seal(name, entry))).to.deep.equal(entry);
    expect(other.open(name, sealer.seal(name, { json: null, bornAtMs: 7 }))).to.deep.equal({ json: null, bornAtMs: 7 });
  });

  it('contains no readable user or user info, and has different bytes each time', () => {
    const sealed = sealer.seal(name, entry);
    const shown = name + sealed.toString('latin1');
    for (const word of ['ada', 'example', 'groups', 'analysts']) expect(shown).not.to.include(word);
    expect(sealer.seal(name, entry).equals(sealed)).to.equal(false);
  });

  it('does not open under another name', () => {
    expect(sealer.open(sealer.nameOf('bob@example.com'), sealer.seal(name, entry))).to.equal(null);
  });

  for (const [title, other] of Object.entries({
    'another key': createSealer(`${key}!`, 'p', 'space'),
    'another space': createSealer(key, 'p', 'other space'),
  })) {
    it(`is not found and does not open with ${title}`, () => {
      expect(other.nameOf('ada@example.com')).not.to.equal(name);
      expect(other.open(name, sealer.seal(name, entry))).to.equal(null);
    });
  }

  it('does not open when any byte is changed', () => {
    const sealed = sealer.seal(name, entry);
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8((damaged[at] as number) ^ 1, at);
      expect(sealer.open(name, damaged), `byte ${at}`).to.equal(null);
    }
  });

  it('does not open when it is truncated or is not an entry', () => {
    const sealed = sealer.seal(name, entry);
    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.open(name, sealed.subarray(0, length)), `${length} bytes`).to.equal(null);
    }
    expect(sealer.open(name, Buffer.from(JSON.stringify({ groups: [], authorizations: {} })))).to.equal(null);
  });
});
