// Before every test file: TRAPLINE_TIERS is what engines do when nothing else is said, and with it everything warm is translated.
import { engineDefaults } from '../../workers/engine/contract.ts';
import { tiersWanted } from './tiers.ts';

if (tiersWanted !== undefined) {
  engineDefaults.tiers = tiersWanted;
  engineDefaults.hotSamples = 2;
}
