// Tests that responses are sent in the order in which they were decided, each once, at the end of the turn.
import { expect } from 'chai';
import { createOutbox } from './endpoint.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the outbox', () => {
  it('sends responses together and in order when the turn ends, not before', async () => {
    const left: number[] = [];
    const leave = createOutbox<number>((item) => left.push(item));
    leave(1);
    await Promise.resolve();
    leave(2);
    expect(left).to.deep.equal([]);
    await turn();
    expect(left).to.deep.equal([1, 2]);
  });

  it('defers an item to the next turn if it is added while others are being sent', async () => {
    const left: number[] = [];
    const leave = createOutbox<number>((item) => {
      left.push(item);
      if (item === 1) leave(3);
    });
    leave(1);
    leave(2);
    await turn();
    expect(left).to.deep.equal([1, 2]);
    await turn();
    expect(left).to.deep.equal([1, 2, 3]);
  });
});
