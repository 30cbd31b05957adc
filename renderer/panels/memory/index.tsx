// Memory at an expression that is evaluated again at every stop; each byte can be asked who wrote it last.
import { createEffect, createMemo, createSignal, For, Index, on, Show } from 'solid-js';
import { hex, shownValue } from '../../base/format.ts';
import { useTrapline } from '../../state/trapline.ts';
import { CommandButton } from '../../widgets/command-button.tsx';
import { rove } from '../../widgets/roving.ts';
import { Panel } from '../../widgets/panel.tsx';
import { byteRows, fieldRows, shownByte, spokenByte } from './model.ts';
import './memory.css';

export function Memory() {
  const { session, wanted } = useTrapline();
  let input!: HTMLInputElement;
  const [byte, setByte] = createSignal<bigint | null>(null);
  const memory = session.memory;
  const rows = createMemo(() => {
    const view = memory().view;
    return view === null ? [] : byteRows(view, memory().before, session.watches(), session.position()?.event ?? null);
  });
  const fields = createMemo(() => {
    const view = memory().view;
    return view === null ? [] : fieldRows(view);
  });

  /** What "these bytes" means: the byte chosen, else the watch or the variable that begins where we look. */
  function subject(): { readonly address: bigint; readonly length: number } | null {
    const chosen = byte();
    if (chosen !== null) return { address: chosen, length: 1 };
    const watch = session
      .watches()
      .find(
        (lane) =>
          memory().view !== null && lane.watch.address - memory().view!.address < 16n && lane.watch.address >= memory().view!.address,
      )?.watch;
    if (watch !== undefined) return { address: watch.address, length: watch.length };
    const view = memory().view;
    return view === null ? null : { address: view.address, length: 8 };
  }
  createEffect(
    on(wanted, (want) => {
      if (want?.part === 'memory') {
        input.focus();
        input.select();
      }
      const what = want?.part === 'last-write' ? subject() : null;
      if (what !== null) void session.lastWrite(what.address, what.length);
    }),
  );
  return (
    <Panel
      name="memory"
      title="Memory"
      label="Memory"
      tools={
        <form
          class="look"
          onSubmit={(event) => {
            event.preventDefault();
            setByte(null);
            void session.lookAt(input.value.trim());
          }}
        >
          <label class="sr" for="memory-at">
            Address, symbol or register to look at
          </label>
          <input
            id="memory-at"
            ref={input}
            class="field mono"
            value={memory().expression}
            spellcheck={false}
            autocomplete="off"
            aria-invalid={memory().error !== null}
          />
          <CommandButton command="look.last-write" text="Who wrote it last?" />
        </form>
      }
    >
      <div class="pb mem">
        <Show when={memory().error}>
          {(text) => (
            <p class="empty c-bad" role="alert">
              {text()}
            </p>
          )}
        </Show>
        <div role="grid" aria-label="Bytes" onKeyDown={(event) => rove(event, event.currentTarget, 16)}>
          <Index each={rows()}>
            {(row, n) => (
              <div class="mrow" role="row">
                <span class="a" role="rowheader">
                  {row().address.toString(16)}
                </span>
                <Index each={row().cells}>
                  {(cell, m) => (
                    <span
                      role="gridcell"
                      class="by"
                      data-item
                      data-entry={n === 0 && m === 0 ? '' : undefined}
                      tabindex={n === 0 && m === 0 ? 0 : -1}
                      aria-label={spokenByte(cell())}
                      aria-selected={byte() === cell().address}
                      classList={{
                        gap: m === 8,
                        none: cell().value === null,
                        zero: cell().value === 0,
                        changed: cell().changed,
                        watched: cell().watched,
                        accessed: cell().accessed,
                        chosen: byte() === cell().address,
                      }}
                      onFocus={() => setByte(cell().address)}
                      onClick={(event) => event.currentTarget.focus()}
                    >
                      {shownByte(cell().value)}
                    </span>
                  )}
                </Index>
                <span class="text" role="gridcell" aria-label={`as text: ${row().text}`}>
                  {row().text}
                </span>
              </div>
            )}
          </Index>
        </div>
        <Show when={fields().length > 0}>
          <table class="fields">
            <thead>
              <tr>
                <th>Variable</th>
                <th>Value</th>
                <th>Address</th>
                <th>
                  <span class="sr">Last writer</span>
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={fields()}>
                {(field) => (
                  <tr>
                    <td class="mono clip">{field.name}</td>
                    <td class="mono">{field.value === null ? `${field.size} bytes` : shownValue(field.value)}</td>
                    <td class="mono mid">{hex(field.address)}</td>
                    <td>
                      <button type="button" class="link" onClick={() => void session.lastWrite(field.address, Math.min(field.size, 8))}>
                        last write
                      </button>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </Show>
      </div>
    </Panel>
  );
}
