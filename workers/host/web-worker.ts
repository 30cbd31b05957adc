// The machine's worker in a browser: a session behind comlink on the worker's own scope.
import { serve } from './serve.ts';

serve();
