// What the programs wrote. Every line is a link to the moment it was written; the line of now lies between past and future.
import { createMemo, For, Show } from 'solid-js';
import { compareMarks } from '../../../workers/base/mark.ts';
import { exitText, grouped } from '../../base/format.ts';
import type { OutputLine } from '../../state/session-types.ts';
import { useTrapline } from '../../state/trapline.ts';
import { MarkLink } from '../../widgets/mark-link.tsx';
import { Panel } from '../../widgets/panel.tsx';
import './output.css';

const MOST = 2000;

export function Output() {
  const { session } = useTrapline();
  const lines = createMemo(() => session.output().slice(-MOST));
  const now = () => session.position()?.mark;
  const written = (line: OutputLine) => now() !== undefined && compareMarks(line.mark, now()!) <= 0;
  const last = createMemo(() => lines().findLastIndex(written));
  const exit = () => session.summary()?.exit;
  return (
    <Panel name="output" title="Output" label="Output" about="click a line to go there">
      <div class="pb output mono" tabindex="0" data-entry role="group" aria-label="Output of the programs">
        <Show when={session.output().length > MOST}>
          <p class="empty">The last {grouped(MOST)} lines are shown.</p>
        </Show>
        <Show when={last() < 0 && lines().length > 0}>
          <div class="outnow" aria-hidden="true" />
        </Show>
        <For each={lines()} fallback={<p class="empty">The programs wrote nothing.</p>}>
          {(line, n) => (
            <>
              <div class="ol" classList={{ dim: n() > last(), err: line.fd === 2 }}>
                <MarkLink mark={line.mark} text={grouped(line.mark.icount)} />
                <span class="clip">{line.text}</span>
              </div>
              <Show when={n() === last()}>
                <div class="outnow" aria-hidden="true" />
              </Show>
            </>
          )}
        </For>
        <Show when={exit()}>
          {(end) => (
            <div class="ol dim">
              <span />
              <span>{exitText(end())}</span>
            </div>
          )}
        </Show>
      </div>
    </Panel>
  );
}
