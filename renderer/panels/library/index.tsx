// The library: recordings kept in this browser, the ones that come with the workbench, and where to drop a file.
import { createResource, createSignal, For, type JSX, Show } from 'solid-js';
import { plural, shownBytes } from '../../base/format.ts';
import type { ShelfRow } from '../../state/shelf.ts';
import { useTrapline } from '../../state/trapline.ts';
import { CommandButton } from '../../widgets/command-button.tsx';
import { cardText } from './model.ts';
import { CardPicture } from './picture.tsx';
import './library.css';

export function Library(props: { readonly drop: JSX.Element; readonly choose: () => void }) {
  const { session, shelf } = useTrapline();
  const total = () => shelf.rows().reduce((sum, row) => sum + row.bytes, 0);
  return (
    <main class="library" data-panel="library" aria-label="Library">
      <div class="bar">
        <h1>Library</h1>
        <span class="mid">
          {plural(shelf.rows().length, 'recording')}, {shownBytes(total())}
        </span>
        <span class="grow" />
        <CommandButton command="recording.record" text="Record a program" primary />
      </div>
      <div class="drop">
        {props.drop}
        <div>
          <p class="b">Drop a recording or a static arm64 ELF program</p>
          <p class="dim">
            .trapline opens, an ELF file records.{' '}
            <button type="button" class="link" data-entry onClick={() => props.choose()}>
              Choose a file
            </button>{' '}
            <kbd>O</kbd>
          </p>
        </div>
      </div>
      <div class="shelves">
        <h2>
          Recordings <span class="dim">newest first</span>
        </h2>
        <ul class="cards">
          {/* by id: a card that is being renamed outlives the list being read again */}
          <For
            each={shelf.rows().map((row) => row.id)}
            fallback={<li class="empty">Nothing is recorded yet. Record a program, or open one of the bundled recordings below.</li>}
          >
            {(id) => (
              <Show when={shelf.rows().find((row) => row.id === id)}>{(row) => <Card row={row()} open={session.id() === id} />}</Show>
            )}
          </For>
        </ul>
        <Show when={shelf.bundled().recordings.length > 0}>
          <h2>
            Bundled <span class="dim">come with Trapline</span>
          </h2>
          <ul class="cards">
            <For each={shelf.bundled().recordings}>
              {(row) => (
                <li class="card">
                  <h3>{row.name}</h3>
                  <p class="mid note">{row.about}</p>
                  <div class="do">
                    <button
                      type="button"
                      class="btn sm"
                      aria-label={`Open ${row.name}`}
                      onClick={() => void shelf.openBundled(row.file, null)}
                    >
                      Open
                    </button>
                  </div>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
    </main>
  );
}

function Card(props: { readonly row: ShelfRow; readonly open: boolean }) {
  const { shelf, view } = useTrapline();
  const [naming, setNaming] = createSignal(false);
  const text = () => cardText(props.row);
  const [picture] = createResource(() => props.row.id, shelf.picture);
  const open = () => (props.open ? view.setPage('recording') : void shelf.openRow(props.row.id, null));
  return (
    <li class="card" classList={{ open: props.open }}>
      <CardPicture picture={picture() ?? null} />
      <Show
        when={naming()}
        fallback={
          <h3>
            <button type="button" class="name clip" onClick={open} onKeyDown={(event) => event.key === 'F2' && setNaming(true)}>
              {props.row.name}
            </button>
          </h3>
        }
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void shelf.rename(props.row.id, new FormData(event.currentTarget).get('name') as string);
            setNaming(false);
          }}
        >
          <input
            class="field"
            name="name"
            aria-label="New name"
            value={props.row.name}
            maxlength={200}
            ref={(input) => queueMicrotask(() => (input.focus(), input.select()))}
            onBlur={() => setNaming(false)}
            onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}
          />
        </form>
      </Show>
      <p class="meta">
        <For each={text().meta}>{(part) => <span>{part}</span>}</For>
      </p>
      <p class="mid note">{text().note}</p>
      <div class="do">
        <button
          type="button"
          class="btn sm"
          aria-label={`${props.open ? 'Go back to' : 'Open'} ${props.row.name}`}
          disabled={props.row.status === 'recording'}
          onClick={open}
        >
          {props.open ? 'Go back' : 'Open'}
        </button>
        <button type="button" class="btn sm" aria-label={`Rename ${props.row.name}`} onClick={() => setNaming(true)}>
          Rename
        </button>
        <button
          type="button"
          class="btn sm"
          aria-label={`Save ${props.row.name} as a file`}
          onClick={() => void shelf.exportRow(props.row.id, props.row.name)}
        >
          Save
        </button>
        <button
          type="button"
          class="btn sm"
          aria-label={`Delete ${props.row.name}`}
          disabled={props.row.status === 'recording'}
          onClick={() => void shelf.remove(props.row.id)}
        >
          Delete
        </button>
      </div>
    </li>
  );
}
