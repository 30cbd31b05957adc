// Serves the window over the workbench without a machine (main.tsx). For looking, not for building.
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid()],
  server: { host: '127.0.0.1', fs: { allow: [resolve(import.meta.dirname, '../../..')] } },
});
