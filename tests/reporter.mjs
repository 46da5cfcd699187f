// Output at the end of a test run: mocha's "spec" report, and a line for each incomplete file, repeated test and failure. The last line is `N passed,
// N failed`.
import { relative } from 'node:path';
import Mocha from 'mocha';

const titleOf = (test) => test.titlePath().join(' › ');
const causeOf = (error) => String(error?.message ?? error).split('\n', 1)[0];
const stackOf = (error) => String(error?.stack ?? error).replace(/^/gm, '    ');

export default class ClosingLineReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Several processes run the files; if a process dies or cannot load its file, mocha shows only the error.
    const lostFiles = [];
    const failures = [];
    const repeated = new Map();
    runner.on('fail', (test, error) => {
      if (error.uncaught && error.file !== undefined) lostFiles.push(relative('', error.file));
      const first = repeated.get(titleOf(test));
      failures.push(`${titleOf(test)}: ${causeOf(error)}${first === undefined ? '' : ` (the first time: ${first})`}`);
      repeated.delete(titleOf(test));
    });
    // Only with `--retries`: the test failed once and runs again. Mocha does not print its first error.
    runner.on('retry', (test, error) => {
      repeated.set(titleOf(test), causeOf(error));
      process.stdout.write(`repeated: ${titleOf(test)}\n${stackOf(error)}\n`);
    });
    runner.once('end', () => {
      for (const file of lostFiles) process.stdout.write(`not run to its end: ${file}\n`);
      for (const [title, cause] of repeated) process.stdout.write(`passed when repeated: ${title}: ${cause}\n`);
      for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
      const { passes, failures: failed } = runner.stats;
      process.stdout.write(`\n${passes} passed, ${failed} failed\n`);
    });
  }
}
