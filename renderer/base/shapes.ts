// One outline per shape of the event kinds, centred on 0,0 in a box of radius 5. Lanes (canvas) and tables (SVG) draw the same paths.
import type { Shape } from '../../recordings/format/events.ts';

export interface ShapePart {
  readonly d: string;
  /** Width of the line; null: filled with the kind's colour. */
  readonly stroke: number | null;
  /** The inside of a line is filled with the ground, so that what is behind does not show through. */
  readonly hollow?: boolean;
}

const TRIANGLE = 'M0 -5L5.25 4.25H-5.25Z';
const disc = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

export type DrawnShape = Shape | 'triangle-after';

export const SHAPES: Readonly<Record<DrawnShape, readonly ShapePart[]>> = {
  triangle: [{ d: TRIANGLE, stroke: null }],
  'triangle-after': [
    { d: TRIANGLE, stroke: 1.3, hollow: true },
    { d: disc(0, 1.5, 1.3), stroke: null },
  ],
  bars: [{ d: 'M-2.25 -4.25V4.25M2.25 -4.25V4.25', stroke: 2.1 }],
  arc: [
    { d: 'M-5 2.75A5 5 0 0 1 5 2.75', stroke: 1.7 },
    { d: disc(0, 2.75, 1.5), stroke: null },
  ],
  'bar-arrow': [
    { d: 'M-3.75 -4.25V4.25', stroke: 2 },
    { d: 'M-1.25 -4.25L4.5 0L-1.25 4.25Z', stroke: null },
  ],
  'bracket-open': [{ d: 'M3 -5H-3V5H3', stroke: 1.8 }],
  'bracket-close': [{ d: 'M-3 -5H3V5H-3', stroke: 1.8 }],
  square: [{ d: 'M-3.5 -3.5H3.5V3.5H-3.5Z', stroke: null }],
  dot: [{ d: disc(0, 0, 2.7), stroke: null }],
  ring: [{ d: disc(0, 0, 3.6), stroke: 1.5, hollow: true }],
  block: [{ d: 'M-4.5 -3.2H4.5V3.2H-4.5Z', stroke: null }],
  diamond: [{ d: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z', stroke: null }],
  chevron: [{ d: 'M-4 2.5L0 -3L4 2.5', stroke: 1.8 }],
  fork: [{ d: 'M-4.5 0H-1.5L3.5 -3.8M-1.5 0L3.5 3.8', stroke: 1.6 }],
  cross: [{ d: 'M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5', stroke: 1.8 }],
};
