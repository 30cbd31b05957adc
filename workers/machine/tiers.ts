// The engine's debug switch, for who may not name the engine.
export { type Tiers, engineDefaults } from '../engine/contract.ts';
