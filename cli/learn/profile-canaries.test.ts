// Tests that a measured profile and its reports contain no addresses, users or secrets; the experiments use TLS and a client certificate.
import { X509Certificate } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { readSchema } from '../../schemas/read-schema.ts';
import { startSimulatedPlatform, username } from '../../simulator/learn/testing/simulated-platform.ts';
import { renderProfileHtml } from './profile-report-html.ts';
import { renderProfileMarkdown } from './profile-report-markdown.ts';

describe('a measured profile and its reports', () => {
  it('contain no addresses, users or secrets', async () => {
    const simulated = await startSimulatedPlatform({ guesses: { onNotFound: 'clear', timeoutMs: 60_000 } });
    const { endpoint, password, apiKey, apiUrl, ca } = simulated;
    try {
      const only = new Set(['not-found', 'redirect', 'merge', 'space-in-userid', 'letter-case', 'removed-group']);
      const { profile } = await simulated.learn({ only, platform: 'Tried 1' });
      const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));
      expect([validate(profile), validate.errors]).to.deep.equal([true, null]);
      expect(profile.facts.onNotFound).to.include({ value: 'clear' });
      const timeline = profile.facts.onNotFound?.evidence?.[0]?.timeline ?? [];
      expect(timeline.flat(), 'requests in the timeline').to.have.lengthOf.above(2);
      const canaries = [
        ...[password, Buffer.from(`${username}:${password}`).toString('base64'), apiKey, 'learn-0'],
        ...[new URL(endpoint.url).port, new URL(apiUrl).port, '127.0.0.1', '::1', 'localhost', 'http:', 'https:'],
        ...[new X509Certificate(ca).subject, new X509Certificate(ca).serialNumber, 'authorization:'],
        // Groups and attributes of the experiments.
        ...['learn-first', 'learncase', 'learnkept'],
      ];
      for (const [name, text] of Object.entries({
        profile: stringify(profile, { aliasDuplicateObjects: false }),
        html: renderProfileHtml(profile, new Date()).replace(/<style>.*?<\/style>/s, ''),
        markdown: renderProfileMarkdown(profile, new Date()),
      })) {
        // Port numbers could also occur in digests and times.
        const found = canaries.filter((canary) =>
          /^\d+$/.test(canary) ? new RegExp(`:${canary}\\b`).test(text) : text.includes(canary),
        );
        expect(found, name).to.deep.equal([]);
      }
    } finally {
      await simulated.close();
    }
  }).timeout(120_000);
});
