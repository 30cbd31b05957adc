// Unit, differential, replay and fuzz tests. Page tests have their own configuration (playwright.config.ts).
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import solid from 'vite-plugin-solid';

const tiers = ['differential', 'replay', 'fuzz'] as const;
const common = { testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' as const, setupFiles: ['./test/support/tiers-setup.ts'] };
const outside = ['**/node_modules/**', 'test/page/**', 'test/renderer/**', ...tiers.map((tier) => `test/${tier}/**`)];

export default defineConfig({
  root: resolve(import.meta.dirname),
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'unit', environment: 'node', include: ['test/**/*.test.ts'], exclude: outside } },
      ...tiers.map((tier) => ({
        test: { ...common, testTimeout: 300_000, name: tier, environment: 'node' as const, include: [`test/${tier}/**/*.test.ts`] },
      })),
      {
        plugins: [solid()],
        test: { ...common, name: 'renderer', environment: 'happy-dom' as const, include: ['test/renderer/**/*.test.{ts,tsx}'] },
      },
    ],
  },
});
