// Draws the timeline on a canvas: rows from the model, colours from the palette. Reads nothing else and keeps nothing but shapes and hatches.
import { EVENT_KIND_NAMES } from '../../../recordings/format/events.ts';
import { grouped } from '../../base/format.ts';
import { isHit, KIND_LOOKS, shapeOf } from '../../base/kinds.ts';
import { type DrawnShape, SHAPES } from '../../base/shapes.ts';
import { density, firstAt } from '../../state/lanes.ts';
import type { LaneItems } from '../../state/session-types.ts';
import { drawMarkers, drawMarkerTicks } from './draw-markers.ts';
import { drawWatch } from './draw-watch.ts';
import { flagSpans, plateLeft, type TimelineRow, ticks } from './model.ts';
import type { Colour } from './palette.ts';
import { MONO, MOST_GLYPHS, UI, type Pen, type Scene } from './pen.ts';

export type { Scene } from './pen.ts';

const paths = new Map<DrawnShape, readonly { readonly path: Path2D; readonly stroke: number | null; readonly hollow: boolean }[]>();

function shapePaths(shape: DrawnShape) {
  let found = paths.get(shape);
  if (found === undefined) {
    found = SHAPES[shape].map((part) => ({ path: new Path2D(part.d), stroke: part.stroke, hollow: part.hollow === true }));
    paths.set(shape, found);
  }
  return found;
}

function makePen(ctx: CanvasRenderingContext2D, scene: Scene): Pen {
  const { palette, range, width } = scene;
  const scale = (width - 14) / (range.to - range.from);
  return {
    ctx,
    scene,
    x: (icount) => (icount - range.from) * scale,
    fill: (colour, x, y, w, h) => {
      ctx.fillStyle = palette[colour];
      ctx.fillRect(x, y, w, h);
    },
    text: (text, x, y, colour, font = UI, align = 'left') => {
      ctx.font = font;
      ctx.textAlign = align;
      ctx.fillStyle = palette[colour];
      ctx.fillText(text, x, y);
    },
    glyph: (shape, tone, x, y, radius) => {
      ctx.save();
      ctx.translate(x, y);
      ctx.scale(radius / 5, radius / 5);
      for (const part of shapePaths(shape)) {
        if (part.stroke === null) {
          ctx.fillStyle = palette[tone];
          ctx.fill(part.path);
          continue;
        }
        if (part.hollow) {
          ctx.fillStyle = palette.pane;
          ctx.fill(part.path);
        }
        ctx.lineWidth = part.stroke;
        ctx.lineJoin = 'round';
        ctx.strokeStyle = palette[tone];
        ctx.stroke(part.path);
      }
      ctx.restore();
    },
  };
}

/** Bars of how much happened in each two pixels; logarithmic, because a burst must not hide the rest. */
function bars(
  pen: Pen,
  items: LaneItems,
  from: number,
  to: number,
  x0: number,
  width: number,
  top: number,
  height: number,
  colour: Colour,
): void {
  const columns = Math.max(1, Math.floor(width / 2));
  const counts = density(items, from, to, columns);
  let most = 1;
  for (const count of counts) if (count > most) most = count;
  const unit = height / Math.log2(most + 2);
  pen.ctx.fillStyle = pen.scene.palette[colour];
  for (let column = 0; column < columns; column += 1) {
    const count = counts[column]!;
    if (count === 0) continue;
    const tall = Math.max(3, Math.log2(count + 2) * unit);
    pen.ctx.fillRect(x0 + column * 2, top + height - tall, 2, tall);
  }
}

function drawOverview(pen: Pen, row: TimelineRow): void {
  const { scene, ctx } = pen;
  const width = scene.width - 14;
  const x = (icount: number) => (icount / scene.end) * width;
  pen.fill('sunken', 0, row.top, scene.width, row.height);
  const lanes = scene.lanes;
  if (lanes !== null) {
    const each = (row.height - 12) / Math.max(1, lanes.cpus.length);
    lanes.cpus.forEach((items, cpu) =>
      bars(pen, items, 0, scene.end, 0, width, row.top + 9 + cpu * each, each - 1, cpu % 2 === 0 ? 'act2' : 'act1'),
    );
    const hits = density(lanes.hits, 0, scene.end, Math.floor(width / 2));
    hits.forEach((count, column) => {
      if (count > 0) pen.fill('hit-c', column * 2, row.top + 3, 2, 6);
    });
  }
  const { from, to } = scene.brush ?? scene.range;
  ctx.strokeStyle = scene.palette.ink2;
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.roundRect(x(from) + 0.6, row.top + 1, Math.max(4, x(to) - x(from)) - 1.2, row.height - 2, 3);
  ctx.stroke();
  drawMarkerTicks(pen, row, x);
  if (scene.now !== null) pen.fill('now', x(scene.now) - 0.8, row.top, 1.6, row.height);
  pen.fill('line', 0, row.top + row.height - 1, scene.width, 1);
}

function drawRuler(pen: Pen, row: TimelineRow): void {
  const { scene } = pen;
  const nowX = scene.now === null ? -1000 : pen.x(scene.now);
  for (const tick of ticks(scene.range, scene.width)) {
    const x = pen.x(tick);
    pen.fill('line', Math.round(x), row.top, 1, scene.height - row.top);
    if (x > nowX - 78 && x < nowX + 96) continue;
    if (x < scene.width - 70) pen.text(grouped(tick), x + 4, row.top + 15, 'ink3', MONO);
  }
}

function drawCpu(pen: Pen, row: TimelineRow & { readonly kind: 'cpu' }): void {
  const { scene } = pen;
  const items = scene.lanes?.cpus[row.cpu];
  const width = scene.width - 14;
  const tall = row.height - 3;
  pen.fill('sunken', 0, row.top + 1, width, tall);
  if (items !== undefined) {
    bars(pen, items, scene.range.from, scene.range.to, 0, width, row.top + 3, tall - 7, 'act1');
    const hits = scene.lanes?.hits;
    if (hits !== undefined) {
      const from = firstAt(items, scene.range.from);
      const to = firstAt(items, scene.range.to);
      if (to - from < 20_000) {
        for (let item = from; item < to; item += 1) {
          if (isHit(EVENT_KIND_NAMES[items.kind[item]!]!)) pen.fill('hit-c', pen.x(items.icount[item]!) - 1, row.top + 2, 2, tall - 6);
        }
      }
    }
  }
  drawSpans(pen, row.cpu, row.top + tall - 3);
}

/** Which task ran: a strip whose tone follows the thread, blank while idle. A CPU without switches ran one task throughout. */
function drawSpans(pen: Pen, cpu: number, y: number): void {
  const { scene } = pen;
  const tones: readonly Colour[] = ['act0', 'act2', 'kern', 'seg'];
  const spans = scene.spans.filter((span) => span.cpu === cpu);
  const right = scene.width - 14;
  if (spans.length === 0) return pen.fill('act0', 0, y, right, 3);
  spans.forEach((span, n) => {
    const from = Math.max(0, pen.x(span.from));
    const to = Math.min(right, pen.x(spans[n + 1]?.from ?? scene.end));
    if (to > from && span.tid !== 0) pen.fill(tones[span.tid % tones.length]!, from, y, Math.max(1, to - from), 3);
  });
}

function drawCalls(pen: Pen, row: TimelineRow): void {
  const { scene, ctx } = pen;
  const calls = scene.lanes?.calls;
  if (calls === undefined) return;
  const middle = row.top + row.height / 2;
  const from = firstAt(calls, scene.range.from);
  const to = firstAt(calls, scene.range.to);
  if (to - from > MOST_GLYPHS) {
    bars(pen, calls, scene.range.from, scene.range.to, 0, scene.width - 14, row.top + 4, row.height - 8, 'act2');
    return;
  }
  for (let item = from; item < to; item += 1) {
    const kind = EVENT_KIND_NAMES[calls.kind[item]!]!;
    pen.glyph(shapeOf(kind, false), KIND_LOOKS[kind].tone, pen.x(calls.icount[item]!), middle, kind === 'signal' ? 6 : 5);
  }
  // The text of an output stands beside its block where the next mark leaves room.
  ctx.font = UI;
  for (const line of scene.output) {
    const x = pen.x(line.mark.icount);
    if (x < -10 || x > scene.width) continue;
    const next = firstAt(calls, line.mark.icount + 1);
    const room = Math.min(scene.width - 14, next < calls.icount.length ? pen.x(calls.icount[next]!) : scene.width - 14) - x - 22;
    const width = ctx.measureText(line.text).width;
    if (width < room && width > 0) pen.text(line.text, x + 11, middle + 4, 'ink2');
  }
}

function drawNow(pen: Pen, top: number): void {
  const { scene, ctx } = pen;
  if (scene.now === null) return;
  const x = pen.x(scene.now);
  if (x < -1 || x > scene.width) return;
  pen.fill('now', x - 0.8, top, 1.6, scene.height - top);
  ctx.fillStyle = scene.palette.now;
  ctx.beginPath();
  ctx.moveTo(x - 5, top);
  ctx.lineTo(x + 5, top);
  ctx.lineTo(x + 5, top + 5);
  ctx.lineTo(x, top + 11);
  ctx.lineTo(x - 5, top + 5);
  ctx.fill();
  const label = `#${grouped(scene.now)}`;
  ctx.font = `600 ${MONO}`;
  const width = ctx.measureText(label).width + 12;
  const left = plateLeft(x, width, scene.width - 4, flagSpans(scene.markers, pen.x));
  ctx.beginPath();
  ctx.roundRect(left, top + 2, width, 15, 2);
  ctx.fill();
  pen.text(label, left + 6, top + 13, 'pane', `600 ${MONO}`);
}

export function drawTimeline(ctx: CanvasRenderingContext2D, scene: Scene, ratio: number): void {
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const pen = makePen(ctx, scene);
  pen.fill('pane', 0, 0, scene.width, scene.height);
  for (const row of scene.rows) {
    if (row.kind === 'ruler') drawRuler(pen, row);
  }
  for (const row of scene.rows) {
    if (row.kind === 'cpu') drawCpu(pen, row);
    else if (row.kind === 'calls') drawCalls(pen, row);
    else if (row.kind === 'watch') drawWatch(pen, row);
  }
  const ruler = scene.rows.find((row) => row.kind === 'ruler');
  if (ruler !== undefined) drawMarkers(pen, ruler);
  if (ruler !== undefined) drawNow(pen, ruler.top + 1);
  const overview = scene.rows.find((row) => row.kind === 'overview');
  if (overview !== undefined) drawOverview(pen, overview);
  const hover = scene.hover;
  const over = scene.rows.find((row) => row.id === hover?.row);
  if (hover !== null && over !== undefined) {
    ctx.strokeStyle = scene.palette.ink2;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.arc(pen.x(hover.icount), over.top + (over.kind === 'watch' ? 12 : over.height / 2), 9, 0, 7);
    ctx.stroke();
  }
}
