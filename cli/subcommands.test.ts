// Tests that the list of commands agrees with the description in each command's file.

import { expect } from 'chai';
import { Command } from 'commander';
import { subcommands } from './subcommands.ts';

describe('the list of commands', () => {
  for (const [name, { usage, description, load }] of Object.entries(subcommands)) {
    it(`describes ${name} as its file does`, async () => {
      const program = new Command();
      await (await load())(program);
      const [command] = program.commands;
      expect(program.commands).to.have.length(1);
      expect(command && program.createHelp().subcommandTerm(command)).to.equal(`${name} ${usage}`.trim());
      expect(command?.description()).to.equal(description);
    }).timeout(20_000);
  }
});
