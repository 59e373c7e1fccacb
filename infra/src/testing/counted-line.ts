import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the run with one line that counts what the tests came to: `tests: 812 passed, 0 failed, 3 skipped`. A file
 * that cannot be collected or a failed hook counts as one failure: nothing that went wrong may look like no test.
 */
export default class CountedLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && ownErrors(module) > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    // Whatever the other reporters and the teardown say comes before.
    process.once('exit', () => {
      console.log(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}

function ownErrors(module: TestModule): number {
  const suites = [...module.children.allSuites()];
  return module.errors().length + suites.reduce((sum, suite) => sum + suite.errors().length, 0);
}
