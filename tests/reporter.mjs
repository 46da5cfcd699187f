// Owns the closing line of a test run: mocha's "spec" report, then `N passed, N failed` alone on a line for CI.
import { relative } from 'node:path';
import Mocha from 'mocha';

export default class ClosingLineReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Several processes run the files; of one that dies, or can't load its file, mocha shows the error alone.
    const lostFiles = [];
    runner.on('fail', (_test, error) => {
      if (error.uncaught && error.file !== undefined) lostFiles.push(relative('', error.file));
    });
    runner.once('end', () => {
      for (const file of lostFiles) process.stdout.write(`not run to its end: ${file}\n`);
      const { passes, failures } = runner.stats;
      process.stdout.write(`\n${passes} passed, ${failures} failed\n`);
    });
  }
}
