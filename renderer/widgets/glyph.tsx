// The shape of a kind of event, small, for tables and chips. Decoration: the word beside it says the same.
import { For } from 'solid-js';
import { type DrawnShape, SHAPES } from '../base/shapes.ts';

export function Glyph(props: { readonly shape: DrawnShape; readonly tone: string; readonly size?: number }) {
  const size = () => props.size ?? 14;
  const colour = () => `var(--${props.tone})`;
  return (
    <svg width={size()} height={size()} viewBox="-7 -7 14 14" aria-hidden="true">
      <For each={SHAPES[props.shape]}>
        {(part) =>
          part.stroke === null ? (
            <path d={part.d} fill={colour()} />
          ) : (
            <path
              d={part.d}
              fill={part.hollow === true ? 'var(--pane)' : 'none'}
              stroke={colour()}
              stroke-width={part.stroke}
              stroke-linejoin="round"
            />
          )
        }
      </For>
    </svg>
  );
}
