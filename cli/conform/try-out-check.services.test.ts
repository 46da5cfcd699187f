// Tests that checks report their expectations and requests without requesting any other endpoint.
import { expect } from 'chai';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { tryOut } from './try-out-check.ts';

describe('what a check expects and sends', () => {
  for (const topic of catalogue) {
    // Tests one check per topic, because all of them would take a minute. The first is often the one without special requirements.
    const check = topic.checks[1] ?? topic.checks[0];
    if (!check) throw new Error(`${topic.title} has no check`);
    it(`is found for ${check.id}`, async () => {
      const { expected, requests } = await tryOut(topic, check);
      expect(requests).not.to.deep.equal([]);
      expect(expected).not.to.deep.equal([]);
    });
  }
});
