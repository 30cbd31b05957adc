// The bottom line: where this is, how the run ended, the digest of the state; while something takes long, that instead.
import { For, Show } from 'solid-js';
import { exitText, plural, shownMark } from '../base/format.ts';
import { cpuOf, shownPc } from '../state/focus-cpu.ts';
import { distanceText } from '../state/markers.ts';
import { useTrapline } from '../state/trapline.ts';
import { MarkLink } from '../widgets/mark-link.tsx';
import { Progress } from '../widgets/progress.tsx';

export function StatusBar() {
  const { session } = useTrapline();
  const cpu = () => cpuOf(session.position());
  const hits = () => session.watches().reduce((sum, lane) => sum + lane.watch.hits, 0);
  return (
    <footer class="status">
      <Show when={session.position()} fallback={<span>No recording is open</span>}>
        {(at) => (
          <>
            <span class="mono strong">{shownMark(at().mark)}</span>
            <span>
              CPU {at().cpu} · {cpu()?.tid === 0 ? 'idle' : `tid ${cpu()?.tid ?? 0}`} · EL{cpu()?.el ?? 0}
            </span>
            <span class="mono clip">
              {session.symbols().text(shownPc(cpu(), 'program')) ?? at().event?.symbol ?? `0x${shownPc(cpu(), 'program').toString(16)}`}
            </span>
            <span class="clip">
              {plural(at().end.icount, 'instruction')} · {plural(hits(), 'hit')} · {exitText(session.summary()!.exit)}
            </span>
          </>
        )}
      </Show>
      <Measured />
      <span class="grow" />
      <Show
        when={session.work()}
        fallback={<Show when={session.position()}>{(at) => <Digest value={at().digest} verified={at().verified} />}</Show>}
      >
        {(work) => <Progress work={work()} cancel={() => void session.cancel()} />}
      </Show>
    </footer>
  );
}

function Digest(props: { readonly value: string; readonly verified: boolean }) {
  return (
    <span title="Hash of the whole state of the machine here; the same on every host">
      state{' '}
      <span class="mono" data-digest>
        {props.value}
      </span>
      <Show when={props.verified}> ✓</Show>
    </span>
  );
}

/** The two markers and how far they are apart. */
function Measured() {
  const { markers } = useTrapline();
  return (
    <Show when={markers.some()}>
      <span class="measured" role="group" aria-label="Markers">
        <For each={['A', 'B'] as const}>
          {(name) => (
            <Show when={markers.all()[name]}>
              {(mark) => (
                <span>
                  <b>{name}</b> <MarkLink mark={mark()} />
                </span>
              )}
            </Show>
          )}
        </For>
        <Show when={markers.distance()}>{(distance) => <span data-distance>{distanceText(distance())}</span>}</Show>
      </span>
    </Show>
  );
}
