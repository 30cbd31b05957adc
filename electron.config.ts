// The one build configuration: three Vite environments (window, main process and command line, preload).
// An input whose source does not exist is left out, so that a part can be built before the others are there.
import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { asset } from './main/assets/asset.ts';

const at = (path: string) => resolve(import.meta.dirname, path);

function present(input: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(input)
      .map(([name, path]) => [name, at(path)] as const)
      .filter(([, path]) => existsSync(path)),
  );
}

const node = (input: Record<string, string>, dir: string, cjs = false) => ({
  consumer: 'server' as const,
  resolve: { noExternal: true as const, external: ['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)] },
  build: {
    outDir: at(dir),
    emptyOutDir: true,
    target: 'node20',
    ssr: true,
    minify: false,
    sourcemap: true,
    copyPublicDir: false,
    rolldownOptions: {
      input: present(input),
      checks: { pluginTimings: false },
      output: { format: cjs ? ('cjs' as const) : ('es' as const), entryFileNames: cjs ? '[name].cjs' : '[name].js' },
    },
  },
});

/** The development server answers /bundled/ as the hosts do. */
const bundled: Plugin = {
  name: 'trapline-bundled',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const path = request.url?.split('?')[0] ?? '/';
      if (!path.startsWith('/bundled/')) return next();
      asset({ window: at('renderer'), bundled: at('recordings/bundled') }, path)
        .then((found) => response.writeHead(found.status, found.headers).end(found.body))
        .catch(next);
    });
  },
};

export default defineConfig({
  root: at('renderer'),
  base: './',
  plugins: [solid(), bundled],
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  server: {
    host: '127.0.0.1',
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
  builder: {
    sharedConfigBuild: false,
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        const input = environment.config.build.rolldownOptions.input;
        if (typeof input === 'object' && Object.keys(input).length > 0) await builder.build(environment);
      }
    },
  },
  environments: {
    client: {
      build: {
        outDir: at('out/renderer'),
        emptyOutDir: true,
        target: 'chrome130',
        assetsInlineLimit: 0, // the policy of the hosts allows fonts from files only
        sourcemap: true,
        rolldownOptions: { input: present({ index: 'renderer/index.html' }), checks: { pluginTimings: false } },
      },
    },
    main: node(
      {
        index: 'main/app/index.ts',
        cli: 'main/cli/index.ts',
        'browser-host': 'main/browser-host/index.ts',
        'node-worker': 'workers/host/node-worker.ts',
      },
      'out/main',
    ),
    preload: node({ preload: 'main/preload/index.ts' }, 'out/preload', true),
  },
});
