// The two markers over the lanes: a broken line with a flag and its letter each, and the stretch between them on the ruler. A's flag
// hangs to the left and points right, B's the other way, so that both are told apart without colour.
import { compareMarks } from '../../../workers/base/mark.ts';
import type { MarkerName } from '../../state/markers.ts';
import { MONO, type Pen } from './pen.ts';
import { FLAG, type TimelineRow } from './model.ts';

const NAMES: readonly MarkerName[] = ['A', 'B'];

/** On the ruler and the lanes below it. A marker out of sight keeps its flag at the edge it is behind. */
export function drawMarkers(pen: Pen, ruler: TimelineRow): void {
  const { scene, ctx } = pen;
  const { A: a, B: b } = scene.markers;
  const right = scene.width - 14;
  const inside = (icount: number) => Math.max(0, Math.min(right, pen.x(icount)));
  if (a !== null && b !== null) {
    const [first, last] = compareMarks(a, b) <= 0 ? [a, b] : [b, a];
    const from = inside(first.icount);
    pen.fill('ob-c', from, ruler.top + ruler.height - 3, Math.max(1, inside(last.icount) - from), 2);
  }
  for (const name of NAMES) {
    const mark = scene.markers[name];
    if (mark === null) continue;
    const x = pen.x(mark.icount);
    const seen = x >= 0 && x <= right;
    if (seen) {
      ctx.save();
      ctx.strokeStyle = scene.palette['ob-c'];
      ctx.lineWidth = 1.4;
      ctx.setLineDash(name === 'A' ? [6, 3] : [2, 3]);
      ctx.beginPath();
      ctx.moveTo(x, ruler.top + 1);
      ctx.lineTo(x, scene.height);
      ctx.stroke();
      ctx.restore();
    }
    flag(pen, name, seen ? x : x < 0 ? FLAG : right - FLAG, ruler.top + ruler.height - 17);
  }
}

function flag(pen: Pen, name: MarkerName, x: number, y: number): void {
  const { ctx, scene } = pen;
  const out = name === 'A' ? -1 : 1;
  ctx.fillStyle = scene.palette['ob-c'];
  ctx.beginPath();
  ctx.moveTo(x, y + 6.5);
  ctx.lineTo(x + out * 4, y);
  ctx.lineTo(x + out * FLAG, y);
  ctx.lineTo(x + out * FLAG, y + 13);
  ctx.lineTo(x + out * 4, y + 13);
  ctx.fill();
  pen.text(name, x + out * 9, y + 10.5, 'pane', `700 ${MONO}`, 'center');
}

/** The same on the strip of the whole recording: short ticks with the same letters' lines. */
export function drawMarkerTicks(pen: Pen, row: TimelineRow, x: (icount: number) => number): void {
  for (const name of NAMES) {
    const mark = pen.scene.markers[name];
    if (mark === null) continue;
    pen.fill('ob-c', x(mark.icount) - 1, row.top, 2, row.height - 1);
    pen.fill('ob-c', name === 'A' ? x(mark.icount) - 5 : x(mark.icount), row.top, 5, 4);
  }
}
