// Closing line and counts of a vitest project, in the form scripts/test.mjs adds up. Skipped tests are listed with their reasons.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

export default class SuiteReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const skips: string[] = [];
    for (const module of modules) {
      // A file that does not load has no tests; its error must count.
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'skipped') {
          counts.skipped += 1;
          skips.push(`${module.relativeModuleId} > ${test.fullName}: ${result.note ?? 'no reason given'}`);
        } else counts.failed += 1;
      }
    }
    if (reason !== 'passed' && counts.failed === 0) counts.failed = 1;
    const target = process.env['TRAPLINE_COUNTS'];
    if (target !== undefined) {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, JSON.stringify({ ...counts, skips }));
    }
    console.log(`${process.env['TRAPLINE_SUITE'] ?? 'tests'}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
