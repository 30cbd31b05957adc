// What the drawing functions of the timeline share: the scene they draw, the pen they draw it with, fonts and limits. No drawing.
import type { DrawnShape } from '../../base/shapes.ts';
import type { Markers } from '../../state/markers.ts';
import type { Lanes, OutputLine, TaskSpan } from '../../state/session-types.ts';
import type { Range } from '../../state/view.ts';
import type { TimelineRow } from './model.ts';
import type { Colour, Palette } from './palette.ts';

export interface Scene {
  readonly rows: readonly TimelineRow[];
  readonly lanes: Lanes | null;
  readonly spans: readonly TaskSpan[];
  readonly output: readonly OutputLine[];
  readonly range: Range;
  readonly end: number;
  readonly now: number | null;
  readonly markers: Markers;
  readonly chosen: string | null;
  readonly hover: { readonly row: string; readonly icount: number } | null;
  readonly brush: Range | null;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
}

export interface Pen {
  readonly ctx: CanvasRenderingContext2D;
  readonly scene: Scene;
  readonly x: (icount: number) => number;
  readonly fill: (colour: Colour, x: number, y: number, w: number, h: number) => void;
  readonly text: (text: string, x: number, y: number, colour: Colour, font?: string, align?: CanvasTextAlign) => void;
  readonly glyph: (shape: DrawnShape, tone: Colour, x: number, y: number, radius: number) => void;
}

export const MONO = "10.5px 'JetBrains Mono Variable', monospace";
export const UI = "11px 'Inter Variable', sans-serif";
/** More marks than this in a lane become density. */
export const MOST_GLYPHS = 260;
