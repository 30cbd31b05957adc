// Disassembly around the pc. The line drawn above a row is the current Mark: what is above has run, the row below is next.
import { createEffect, createMemo, Index, Show } from 'solid-js';
import { KIND_LOOKS } from '../../base/kinds.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Glyph } from '../../widgets/glyph.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { rove } from '../../widgets/roving.ts';
import { codeRows, codeTitle } from './model.ts';
import './code.css';

export function Code() {
  const { session } = useTrapline();
  let box!: HTMLDivElement;
  const rows = createMemo(() => codeRows(session.code().rows, session.position()?.event ?? null, session.symbols()));
  const cpu = () => session.position()?.cpus[session.position()?.cpu ?? 0];
  const title = createMemo(() => codeTitle(cpu()?.pc ?? 0n, session.position()?.event ?? null, session.symbols()));
  const isSymbol = (n: number) => rows()[n]?.row.symbol ?? null;

  createEffect(() => {
    rows();
    const now = box.querySelector<HTMLElement>('.crow.cur');
    if (now === null) return;
    const above = now.offsetTop - box.scrollTop;
    if (above < 38 || above > box.clientHeight - 60) box.scrollTop = Math.max(0, now.offsetTop - Math.max(60, box.clientHeight * 0.4));
  });

  return (
    <Panel name="code" label="Disassembly" title={<span class="mono b">{title().name}</span>} about={<span class="mono">{title().offset}</span>} tools={<span class="s">CPU {session.position()?.cpu ?? 0}</span>}>
      <div class="pb code" ref={box} role="listbox" aria-label="Instructions" onKeyDown={(event) => rove(event, event.currentTarget)}>
        <Index each={rows()} fallback={<p class="empty">Nothing is mapped at the pc.</p>}>
          {(row, n) => (
            <div
              class="crow"
              role="option"
              data-item
              data-entry={row().row.isPc ? '' : undefined}
              tabindex={row().row.isPc ? 0 : -1}
              aria-selected={row().row.isPc}
              classList={{ cur: row().row.isPc, head: isSymbol(n) !== null }}
            >
              <Show when={isSymbol(n)}>{(name) => <span class="sym">{name()}:</span>}</Show>
              <Show when={row().row.isPc}>
                <span class="nowline" aria-hidden="true">
                  <b>next</b>
                </span>
              </Show>
              <span class="a">{row().row.address.toString(16)}</span>
              <span class="w">{row().row.word === null ? '' : row().row.word!.toString(16).padStart(8, '0')}</span>
              <span class="t">
                <b>{row().mnemonic}</b> {row().operands}
              </span>
              <span class="note" classList={{ 'c-hit': row().hit }}>
                <Show when={row().hit}>
                  <Glyph shape="triangle" tone={KIND_LOOKS['watchpoint-hit'].tone} size={12} />
                </Show>
                {row().note}
              </span>
            </div>
          )}
        </Index>
      </div>
    </Panel>
  );
}
