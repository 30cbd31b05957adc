// The machine's worker in Node and Electron: a session behind comlink on the port of the thread that started it.
import { parentPort } from 'node:worker_threads';
import { nodeEndpoint } from './endpoint.ts';
import { serve } from './serve.ts';

if (parentPort === null) throw new Error('this file runs as a worker thread');
serve(nodeEndpoint(parentPort));
