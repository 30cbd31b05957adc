// The lane of one watch: its hits, and its value as a stepped line that never lets one value far out flatten the rest.
import { shownValue } from '../../base/format.ts';
import { density, firstAt } from '../../state/lanes.ts';
import { MONO, MOST_GLYPHS, type Pen } from './pen.ts';
import { type TimelineRow, valueScale } from './model.ts';

export function drawWatch(pen: Pen, row: TimelineRow & { readonly kind: 'watch' }): void {
  const { scene } = pen;
  pen.fill('line', -200, row.top, scene.width + 200, 1);
  if (scene.chosen === row.lane.watch.text) pen.fill('sel', 0, row.top + 1, 3, row.height - 1);
  drawValues(pen, row);
  drawHits(pen, row);
}

function drawHits(pen: Pen, row: TimelineRow & { readonly kind: 'watch' }): void {
  const { scene, ctx } = pen;
  const { series, watch } = row.lane;
  const y = row.top + 12;
  const from = firstAt(series, scene.range.from);
  const to = firstAt(series, scene.range.to);
  const shape = watch.recorded ? 'triangle' : 'triangle-after';
  if (to - from > MOST_GLYPHS) {
    const columns = Math.floor((scene.width - 14) / 3);
    density(series, scene.range.from, scene.range.to, columns).forEach((count, column) => {
      if (count === 0) return;
      pen.fill('hit-c', column * 3, y - 5, 3, 9);
      // more than one in three pixels: a notch says "zoom in"
      if (count > 1 && column % 4 === 0) pen.fill('pane', column * 3, y - 5, 3, 2);
    });
  } else {
    for (let item = from; item < to; item += 1) pen.glyph(shape, 'hit-c', pen.x(series.icount[item]!), y, 5.2);
  }
  const now = scene.now;
  if (now === null) return;
  const here = firstAt(series, now);
  if (series.icount[here] !== now) return;
  pen.glyph(shape, 'hit-c', pen.x(now), y, 7.2);
  ctx.strokeStyle = scene.palette.now;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  ctx.arc(pen.x(now), y, 10.5, 0, 7);
  ctx.stroke();
}

function drawValues(pen: Pen, row: TimelineRow & { readonly kind: 'watch' }): void {
  const { scene, ctx } = pen;
  const { series } = row.lane;
  const bottom = row.top + row.height - 3;
  const top = row.top + 22;
  if (bottom - top < 8 || series.icount.length === 0) return;
  const { low, high } = valueScale(series, scene.range);
  const y = (value: number) => bottom - 3 - ((value - low) / (high - low)) * (bottom - top - 8);
  const first = Math.max(0, firstAt(series, scene.range.from) - 1);
  const last = firstAt(series, scene.range.to);
  const right = scene.width - 14;
  const stride = Math.max(1, Math.floor((last - first) / 4000));
  const line = new Path2D();
  const area = new Path2D();
  let open = false;
  let off: { x: number; value: bigint } | null = null;
  for (let item = first; item < last; item += stride) {
    const value = series.value[item]!;
    const from = Math.max(0, pen.x(series.icount[item]!));
    const until = item + stride < last ? pen.x(series.icount[item + stride]!) : scene.end === 0 ? right : Math.min(right, pen.x(scene.end));
    if (Number(value) > high) {
      hatch(pen, from, top, until - from, bottom - top);
      off ??= { x: from, value };
      open = false;
      continue;
    }
    const at = y(Number(value));
    if (open) line.lineTo(from, at);
    else line.moveTo(from, at);
    line.lineTo(until, at);
    area.rect(from, at, until - from, bottom - at);
    open = true;
  }
  ctx.fillStyle = scene.palette['oa-bg'];
  ctx.fill(area);
  ctx.strokeStyle = scene.palette['oa-c'];
  ctx.lineWidth = 1.6;
  ctx.stroke(line);
  labels(pen, row, first, last, y, high, off);
}

function labels(
  pen: Pen,
  row: TimelineRow & { readonly kind: 'watch' },
  first: number,
  last: number,
  y: (value: number) => number,
  high: number,
  off: { x: number; value: bigint } | null,
): void {
  const { scene, ctx } = pen;
  const { series } = row.lane;
  const start = series.value[first];
  if (start !== undefined && last > first && Number(start) <= high)
    pen.text(shownValue(start), Math.max(0, pen.x(series.icount[first]!)) + 4, y(Number(start)) - 4, 'oa-t', MONO);
  if (scene.now !== null) {
    // what the watch holds as the instruction at the Mark is about to execute
    const at = firstAt(series, scene.now) - 1;
    const value = series.value[at];
    const x = pen.x(scene.now);
    if (value !== undefined && at > first && Number(value) <= high && x > 90)
      pen.text(shownValue(value), x - 6, y(Number(value)) - 4, 'oa-t', MONO, 'right');
  }
  if (off === null) return;
  const text = `${shownValue(off.value)} is off this scale ↑`;
  ctx.font = "500 11px 'Inter Variable', sans-serif";
  const width = ctx.measureText(text).width + 12;
  const x = Math.min(off.x + 12, scene.width - width - 18);
  const middle = row.top + 22 + (row.height - 25) / 2;
  ctx.fillStyle = scene.palette.pane;
  ctx.beginPath();
  ctx.roundRect(x, middle - 9, width, 17, 3);
  ctx.fill();
  pen.text(text, x + 6, middle + 4, 'bad-t', "500 11px 'Inter Variable', sans-serif");
}

/** Off the scale: cross-hatched with its top edge drawn, never a flat line at the top. */
function hatch(pen: Pen, x: number, y: number, width: number, height: number): void {
  const { ctx, scene } = pen;
  if (width <= 0) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.globalAlpha = 0.4;
  ctx.fillStyle = scene.palette['bad-bg'];
  ctx.fill();
  ctx.strokeStyle = scene.palette['bad-c'];
  ctx.lineWidth = 0.8;
  ctx.beginPath();
  for (let n = x - height - (x % 6); n < x + width; n += 6) {
    ctx.moveTo(n, y);
    ctx.lineTo(n + height, y + height);
    ctx.moveTo(n + height, y);
    ctx.lineTo(n, y + height);
  }
  ctx.stroke();
  ctx.restore();
  pen.fill('bad-c', x, y, width, 1.8);
}
