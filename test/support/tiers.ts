// TRAPLINE_TIERS=0|1|check: how the engines of tests execute code. Unset: as the product does.
import type { Tiers } from '../../workers/engine/engine.ts';

const VALUES: Readonly<Record<string, Tiers>> = { '0': 0, '1': 1, check: 'check' };
const text = process.env['TRAPLINE_TIERS'] ?? '';
if (text !== '' && VALUES[text] === undefined) throw new Error(`TRAPLINE_TIERS is 0, 1 or check, not '${text}'`);

export const tiersWanted: Tiers | undefined = VALUES[text];
