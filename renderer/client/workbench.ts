// Starts the worker that holds the machine and gives its interface as if it were here. The only file that names comlink or the worker.
import { proxy, wrap } from 'comlink';
import type { WorkbenchApi } from '../../workers/api/workbench-api.ts';
import { machineThread } from './main-process.ts';

export interface WorkbenchClient {
  readonly api: WorkbenchApi;
  dispose(): void;
}

/** `onCrash` is called once if the worker fails as a whole; calls that are under way then never answer. */
export function startWorkbench(onCrash: (sentence: string) => void): WorkbenchClient {
  const { endpoint, dispose } = machineThread(() => onCrash('the thread that holds the machine is gone')) ?? webWorker(onCrash);
  const remote = wrap<WorkbenchApi>(endpoint) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const api = new Proxy({} as WorkbenchApi, {
    get: (_, name) =>
      typeof name === 'string' && name !== 'then'
        ? (...args: unknown[]) => remote[name]!(...args.map((arg) => (typeof arg === 'function' ? proxy(arg as () => void) : arg)))
        : undefined,
  });
  return { api, dispose };
}

function webWorker(onCrash: (sentence: string) => void): { readonly endpoint: Worker; dispose(): void } {
  const worker = new Worker(new URL('../../workers/host/web-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', (event) => onCrash(event.message || 'the worker could not be loaded'), { once: true });
  return { endpoint: worker, dispose: () => worker.terminate() };
}
