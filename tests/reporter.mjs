// End of a test run: mocha's "spec" report, a line for each failure, and `N passed, N failed` on a separate line.
import { relative } from 'node:path';
import Mocha from 'mocha';

export default class ClosingLineReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Several processes run the files; if one dies or cannot load its file, mocha shows only the error.
    const lostFiles = [];
    const failures = [];
    runner.on('fail', (test, error) => {
      if (error.uncaught && error.file !== undefined) lostFiles.push(relative('', error.file));
      const [cause] = String(error?.message ?? error).split('\n', 1);
      failures.push(`${test.titlePath().join(' › ')}: ${cause}`);
    });
    runner.once('end', () => {
      for (const file of lostFiles) process.stdout.write(`not run to its end: ${file}\n`);
      for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
      const { passes, failures: failed } = runner.stats;
      process.stdout.write(`\n${passes} passed, ${failed} failed\n`);
    });
  }
}
