// How code is executed, for a host to choose before it makes a session. Nothing that is recorded depends on it.
export { type Tiers, engineDefaults } from '../engine/contract.ts';
