// The frame of a panel: a named region with a head. F6 goes from one to the next.
import { type JSX, Show } from 'solid-js';

export function Panel(props: {
  readonly name: string;
  readonly title: JSX.Element;
  readonly label: string;
  readonly about?: JSX.Element;
  readonly tools?: JSX.Element;
  readonly children: JSX.Element;
}) {
  return (
    <section class="pane" data-panel={props.name} aria-label={props.label}>
      <div class="ph">
        <h2>{props.title}</h2>
        <Show when={props.about}>
          <span class="s">{props.about}</span>
        </Show>
        <span class="grow" />
        {props.tools}
      </div>
      {props.children}
    </section>
  );
}
