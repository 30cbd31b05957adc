// A button that is a command: same title, same key, same condition.
import { Show } from 'solid-js';
import { shownChord, spokenChord } from '../base/keys.ts';
import { useTrapline } from '../state/trapline.ts';

export function CommandButton(props: {
  readonly command: string;
  readonly text: string;
  readonly primary?: boolean;
  readonly plain?: boolean;
}) {
  const { commands } = useTrapline();
  const command = () => commands.get(props.command);
  const key = () => command().keys[0];
  return (
    <button
      type="button"
      class="btn sm"
      classList={{ pri: props.primary === true }}
      title={command().title}
      aria-keyshortcuts={spokenChord(key() ?? '')}
      disabled={!command().when()}
      onClick={() => command().run()}
    >
      {props.text}
      <Show when={key() !== undefined && props.plain !== true}>
        <kbd>{shownChord(key()!)}</kbd>
      </Show>
    </button>
  );
}
