// The event at the current Mark: a sentence first, the values, then where to go from here.
import { createMemo, createResource, For, Match, Show, Switch } from 'solid-js';
import { EVENT_KINDS } from '../../../recordings/format/events.ts';
import { whereText } from '../../base/event-text.ts';
import { watchName } from '../../base/format.ts';
import { isHit, KIND_LOOKS, shapeOf } from '../../base/kinds.ts';
import { foundAfter } from '../../state/session.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Glyph } from '../../widgets/glyph.tsx';
import { MarkLink } from '../../widgets/mark-link.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { CommandButton } from '../../widgets/command-button.tsx';
import { betweenHits, fieldPairs, hitView, kindLabel } from './model.ts';
import './inspector.css';

export function Inspector() {
  const { session, view } = useTrapline();
  const event = () => session.position()?.event ?? null;
  const hit = createMemo(() => (event() !== null && isHit(event()!.kind) ? hitView(event()!, session.watches()) : null));
  const lane = createMemo(
    () => session.watches().find((candidate) => candidate.watch.text === view.lane()) ?? session.watches()[0] ?? null,
  );
  const between = createMemo(() =>
    lane() === null || session.position() === null ? null : betweenHits(session.position()!.mark.icount, lane()!),
  );
  const [writer] = createResource(
    () => (event() === null ? between()?.writer : undefined),
    (index) => (index < 0 ? null : session.api.event(index)),
  );
  const title = () => hit()?.title ?? (event() === null ? (between()?.title ?? 'Here') : kindLabel(event()!));
  const about = () => hit()?.about ?? (event() === null ? '' : EVENT_KINDS[event()!.kind].about);
  return (
    <Panel name="inspector" title={title()} label="Event" about={about()}>
      <div class="inspector">
        <Switch>
          <Match when={hit()}>
            {(found) => (
              <>
                <p class="answer">
                  <Glyph shape={shapeOf(event()!.kind, foundAfter(event()!, session.watches()))} tone="hit-c" size={17} />
                  <Show when={found().old !== ''} fallback={<span class="mono">{event()!.symbol}</span>}>
                    <span class="mono">{found().old}</span>
                    <Show when={found().new !== ''}>
                      <span class="dim">→</span>
                      <span class="mono" classList={{ 'c-bad': found().odd }}>
                        {found().new}
                      </span>
                    </Show>
                  </Show>
                </p>
                <p class="mid">{found().sentence}</p>
              </>
            )}
          </Match>
          <Match when={event()}>
            {(other) => (
              <>
                <p class="answer small">
                  <Glyph shape={shapeOf(other().kind, false)} tone={KIND_LOOKS[other().kind].tone} size={17} />
                  <span>{other().what}</span>
                </p>
                <p class="pairs">
                  <For each={fieldPairs(other())}>
                    {([name, value]) => (
                      <span>
                        <span class="dim">{name}</span> <span class="mono">{value}</span>
                      </span>
                    )}
                  </For>
                  <Show when={other().cause}>
                    {(cause) => (
                      <span>
                        <span class="dim">caused by</span> <MarkLink mark={cause().mark} />
                      </span>
                    )}
                  </Show>
                </p>
              </>
            )}
          </Match>
          <Match when={between()}>
            {(found) => (
              <>
                <p class="answer">
                  <span class="mono">{found().value}</span>
                </p>
                <Show when={writer()}>
                  {(event) => (
                    <p class="mid">
                      {watchName(lane()?.watch.text ?? '').name} was written last by <span class="mono">{whereText(event())}</span> at{' '}
                      <MarkLink mark={event().mark} />
                    </p>
                  )}
                </Show>
              </>
            )}
          </Match>
          <Match when={session.watches().length === 0}>
            <p class="mid">
              Nothing was watched while this was recorded. Add a watchpoint after the fact: the whole recording is searched, and every
              access is found.
            </p>
          </Match>
        </Switch>
        <div class="actions">
          <CommandButton command="move.watch-back" text="Previous write" />
          <CommandButton command="move.watch" text="Next" />
          <CommandButton command="look.why" text="Why?" />
          <CommandButton command="recording.watch" text="Add a watch" />
        </div>
      </div>
    </Panel>
  );
}
