// The picture of a recording on its card. Decoration: the card says the same in words.
import { For, Show } from 'solid-js';
import type { Picture } from '../../state/picture.ts';

const HEIGHT = 64;

export function CardPicture(props: { readonly picture: Picture | null }) {
  const each = (picture: Picture) => (HEIGHT - 18) / Math.max(1, picture.cpus.length);
  const path = (row: string, n: number, tall: number) => {
    const base = 16 + (n + 1) * tall;
    return [...row]
      .map((height, x) =>
        height === '0'
          ? ''
          : `M${x * 2} ${base}v-${((Number(height) / 9) * (tall - 4)).toFixed(1)}h1.6v${((Number(height) / 9) * (tall - 4)).toFixed(1)}z`,
      )
      .join('');
  };
  return (
    <svg class="picture" viewBox={`0 0 320 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <Show when={props.picture}>
        {(picture) => (
          <>
            <For each={picture().cpus}>
              {(row, n) => <path d={path(row, n(), each(picture()))} fill={n() % 2 === 0 ? 'var(--act2)' : 'var(--act1)'} />}
            </For>
            <For each={picture().hits}>{(column) => <path d={`M${column * 2 + 1} 4l3 8h-6z`} fill="var(--hit-c)" />}</For>
          </>
        )}
      </Show>
    </svg>
  );
}
