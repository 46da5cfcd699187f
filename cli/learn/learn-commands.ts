// The command `user-info learn` with its subcommands.
import type { Command } from 'commander';
import { addLearnCommand } from './learn.ts';
import { addLearnObserveCommand } from './learn-observe.ts';
import { addLearnCompareCommand, addLearnReportCommand } from './learn-report.ts';

export function addLearnCommands(program: Command): void {
  addLearnCommand(program);
  const learn = program.commands.find((command) => command.name() === 'learn');
  if (learn === undefined) throw new Error('there is no command learn');
  addLearnObserveCommand(learn);
  addLearnReportCommand(learn);
  addLearnCompareCommand(learn);
}
