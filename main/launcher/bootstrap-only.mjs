// Installs and builds as `npm start` would, and nothing more: `npm run build` and the tests begin with it.
import { bootstrap } from './bootstrap.mjs';

await bootstrap({ show: true });
