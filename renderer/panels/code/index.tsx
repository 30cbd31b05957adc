// Disassembly around the pc. The line drawn above a row is the current Mark: what is above has run, the row below is next.
import { createEffect, createMemo, Index, Show } from 'solid-js';
import type { TrailAnswer } from '../../../workers/api/workbench-api.ts';
import { KIND_LOOKS } from '../../base/kinds.ts';
import { cpuOf, shownPc } from '../../state/focus-cpu.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Glyph } from '../../widgets/glyph.tsx';
import { MarkLink } from '../../widgets/mark-link.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { rove } from '../../widgets/roving.ts';
import { SideSwitch } from '../../widgets/side-switch.tsx';
import { codeRows, codeTitle, nowText } from './model.ts';
import './code.css';

/** Kernel addresses have their upper bits set; they need a wider column. */
const KERNEL = 1n << 63n;

const RAN = {
  yes: 'How often it ran in this call',
  no: 'It did not run in this call so far',
  unknown: 'This call began before what was looked at',
  outside: undefined,
} as const;

export function Code() {
  const { session, trail } = useTrapline();
  let box!: HTMLDivElement;
  const cpu = () => cpuOf(session.position());
  const pc = () => shownPc(cpu(), session.side());
  const rows = createMemo(() => codeRows(session.code().rows, pc(), session.position()?.event ?? null, session.symbols(), trail()));
  const title = createMemo(() => codeTitle(pc(), session.code().rows, session.position()?.event ?? null, session.symbols()));
  const isSymbol = (n: number) => rows()[n]?.row.symbol ?? null;

  createEffect(() => {
    rows();
    const now = box.querySelector<HTMLElement>('.crow.cur');
    if (now === null) return;
    const above = now.offsetTop - box.scrollTop;
    if (above < 38 || above > box.clientHeight - 60) box.scrollTop = Math.max(0, now.offsetTop - Math.max(60, box.clientHeight * 0.4));
  });

  return (
    <Panel
      name="code"
      label="Disassembly"
      title={<span class="mono b">{title().name}</span>}
      about={
        <>
          <span class="mono">{title().offset}</span>
          <Show when={pc() < KERNEL && trail()}>{(found) => <CallFrom trail={found()} />}</Show>
        </>
      }
      tools={<SideSwitch />}
    >
      <div
        class="pb code"
        classList={{ kernel: pc() >= KERNEL }}
        ref={box}
        role="listbox"
        aria-label="Instructions"
        onKeyDown={(event) => rove(event, event.currentTarget)}
      >
        <Index each={rows()} fallback={<p class="empty">Nothing is mapped at the pc.</p>}>
          {(row, n) => (
            <div
              class="crow"
              role="option"
              data-item
              data-entry={row().next ? '' : undefined}
              tabindex={row().next ? 0 : -1}
              aria-selected={row().next}
              classList={{ cur: row().next, ran: row().ran === 'yes', idle: row().ran === 'no', head: isSymbol(n) !== null }}
            >
              <Show when={isSymbol(n)}>{(name) => <span class="sym">{name()}:</span>}</Show>
              <Show when={row().next}>
                <span class="nowline" aria-hidden="true">
                  <b>{nowText(row())}</b>
                </span>
              </Show>
              <span class="n" title={RAN[row().ran]}>
                {row().times}
              </span>
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

/** Where this call began, or since when it was looked at. */
function CallFrom(props: { readonly trail: TrailAnswer }) {
  return (
    <span class="call">
      {props.trail.entered === null ? 'ran since' : 'this call from'} <MarkLink mark={props.trail.from} />
    </span>
  );
}
