// Page tests: the built window served by the browser host, in a real Chromium.
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const system = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

export default defineConfig({
  testDir: 'test/page',
  testMatch: '**/*.page.ts',
  outputDir: 'test-results',
  workers: 1,
  timeout: 120_000,
  reporter: [['list'], ['./test/support/reporters/page.ts']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      ...(system === undefined ? {} : { executablePath: system }),
      chromiumSandbox: false,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
