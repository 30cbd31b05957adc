// Closing line and counts of the page tests, in the form scripts/test.mjs adds up.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';

export default class PageReporter implements Reporter {
  private root: Suite | undefined;
  private errors = 0;

  onBegin(_config: unknown, root: Suite): void {
    this.root = root;
  }

  onError(): void {
    this.errors += 1;
  }

  onEnd(result: FullResult): void {
    const counts = { passed: 0, failed: this.errors, skipped: 0 };
    const skips: string[] = [];
    for (const test of this.root?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'skipped' && test.expectedStatus === 'skipped') {
        counts.skipped += 1;
        skips.push(
          `${test.titlePath().filter(Boolean).join(' > ')}: ${test.annotations.find((a) => a.type === 'skip')?.description ?? 'no reason given'}`,
        );
      } else if (outcome === 'expected' || outcome === 'flaky') counts.passed += 1;
      else counts.failed += 1;
    }
    if (counts.passed + counts.failed === 0 || (result.status !== 'passed' && counts.failed === 0)) counts.failed += 1;
    const target = process.env['TRAPLINE_COUNTS'];
    if (target !== undefined) {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, JSON.stringify({ ...counts, skips }));
    }
    console.log(`page: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
