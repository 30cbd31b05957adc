// How engines execute code when nothing else is said: a switch for hosts, to set before they make machines. No part of a configuration.
export { type Tiers, engineDefaults } from '../engine/contract.ts';
