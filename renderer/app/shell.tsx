// The whole window: title, bar, page, status, dialogs; one listener for keys and one for dropped files.
import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js';
import { shownMark } from '../base/format.ts';
import { belongsToField } from '../commands/registry.ts';
import { Code } from '../panels/code/index.tsx';
import { DebugUnit } from '../panels/debug-unit/index.tsx';
import { Events } from '../panels/events/index.tsx';
import { Inspector } from '../panels/inspector/index.tsx';
import { Library } from '../panels/library/index.tsx';
import { Memory } from '../panels/memory/index.tsx';
import { Output } from '../panels/output/index.tsx';
import { Record } from '../panels/record/index.tsx';
import { Registers } from '../panels/registers/index.tsx';
import { LaneTable } from '../panels/timeline/lane-table.tsx';
import { Timeline } from '../panels/timeline/index.tsx';
import { useTrapline } from '../state/trapline.ts';
import { Why } from '../panels/why/index.tsx';
import { Bar } from './bar.tsx';
import { Help } from './help.tsx';
import { DropMark } from './logo.tsx';
import { Notices } from './notices.tsx';
import { StatusBar } from './status-bar.tsx';
import { TitleBar } from './title-bar.tsx';
import './shell.css';

export function Shell() {
  const trapline = useTrapline();
  const { session, view, dialog, commands, wanted } = trapline;
  let files!: HTMLInputElement;
  const [dropping, setDropping] = createSignal(false);
  const recording = createMemo(() => view.page() === 'recording' && session.summary() !== null);

  createEffect(() => {
    const name = session.summary()?.name;
    const at = session.position();
    document.title =
      name === undefined || view.page() === 'library' ? 'Trapline' : `${at === null ? '' : `${shownMark(at.mark)} · `}${name} — Trapline`;
  });
  createEffect(on(wanted, (want) => want?.part === 'open-file' && files.click()));

  async function take(list: FileList | null | undefined): Promise<void> {
    const file = list?.[0];
    if (file !== undefined) await trapline.takeFile(file.name, new Uint8Array(await file.arrayBuffer()));
  }
  onMount(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || dialog() !== null || belongsToField(event.target, event)) return;
      const command = commands.find(event);
      if (command === null) return;
      event.preventDefault();
      command.run();
    };
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setDropping(true);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setDropping(false);
      void take(event.dataTransfer?.files);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setDropping(false);
    const menu = (event: Event) => event instanceof PointerEvent && event.pointerType === '' && event.preventDefault(); // Shift+F10 is a command here
    addEventListener('keydown', onKey);
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    addEventListener('dragleave', leave);
    addEventListener('contextmenu', menu);
    onCleanup(() => {
      removeEventListener('keydown', onKey);
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
      removeEventListener('dragleave', leave);
      removeEventListener('contextmenu', menu);
    });
  });

  return (
    <div class="app" classList={{ dropping: dropping() }}>
      <TitleBar />
      <Show when={recording()} fallback={<div />}>
        <Bar />
      </Show>
      <Notices />
      <Switch>
        <Match when={trapline.crash()}>{(text) => <Crash text={text()} />}</Match>
        <Match when={recording()}>
          <main class="page recording" aria-label="Recording" aria-busy={!session.settled()}>
            <h1 class="sr">{session.summary()?.name}</h1>
            <Timeline />
            <div class="work">
              <div class="rowof top">
                <Code />
                <Registers />
                <div class="stack">
                  <Show when={view.why()} fallback={<Inspector />}>
                    <Why />
                  </Show>
                  <Memory />
                </div>
              </div>
              <div class="rowof bottom">
                <Events />
                <DebugUnit />
                <Output />
              </div>
            </div>
          </main>
        </Match>
        <Match when={true}>
          <div class="page">
            <Library drop={<DropMark />} choose={() => files.click()} />
          </div>
        </Match>
      </Switch>
      <StatusBar />
      <input
        ref={files}
        type="file"
        class="sr"
        tabindex="-1"
        aria-hidden="true"
        accept=".trapline,*"
        onChange={(event) => (void take(event.currentTarget.files), (event.currentTarget.value = ''))}
      />
      <Switch>
        <Match when={dialog()?.kind === 'help'}>
          <Help />
        </Match>
        <Match when={dialog()?.kind === 'record'}>
          <Record />
        </Match>
        <Match when={dialog()?.kind === 'lane'}>
          <LaneTable lane={(dialog() as { lane: string }).lane} />
        </Match>
      </Switch>
    </div>
  );
}

function Crash(props: { readonly text: string }) {
  return (
    <div class="crash" role="alert">
      <h1>The machine's worker has stopped</h1>
      <p>
        {props.text}. This is a defect of Trapline, not of your program. Recordings in the library are safe: everything that was kept is
        kept. Reload to open them again where you were.
      </p>
      <button type="button" class="btn pri" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}
