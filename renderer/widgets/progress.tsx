// A piece of work under way: what, how far, how many found, and Cancel. Without a total the bar only says that it is alive.
import { Show } from 'solid-js';
import { percent, plural } from '../base/format.ts';
import type { Work } from '../state/session-types.ts';
import './progress.css';

export function Progress(props: { readonly work: Work; readonly cancel: (() => void) | null }) {
  const share = () => percent(props.work.done, props.work.total);
  return (
    <div class="progress" role="status">
      <span class="clip">{props.work.title}</span>
      <Show when={props.work.total > 0} fallback={<progress class="bar" aria-label={props.work.title} />}>
        <progress class="bar" aria-label={props.work.title} max={100} value={share()} />
        <span class="mono">{share()} %</span>
      </Show>
      <Show when={props.work.hits !== null}>
        <span class="mid">{plural(props.work.hits ?? 0, 'found', 'found')}</span>
      </Show>
      <Show when={props.cancel !== null}>
        <button type="button" class="btn sm" onClick={() => props.cancel?.()}>
          Cancel <kbd>Esc</kbd>
        </button>
      </Show>
    </div>
  );
}
