// Registers of the CPU in focus: first what changed since the last stop and what it was, then all of them.
import { createMemo, Index, Show } from 'solid-js';
import { cpuOf, shownRegisters } from '../../state/focus-cpu.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Hex } from '../../widgets/hex.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { comparable, flags, namedRegisters, registerCells, registerDeltas, vectorCells } from './model.ts';
import './registers.css';

export function Registers() {
  const { session } = useTrapline();
  const view = createMemo(() => cpuOf(session.position()));
  const cpu = createMemo(() => (view() === null ? null : shownRegisters(view()!, session.side())));
  const before = createMemo(() => comparable(session.position(), session.before(), session.side()));
  const cells = createMemo(() => (cpu() === null ? [] : registerCells(cpu()!, before())));
  const deltas = createMemo(() => (cpu() === null ? { rows: [], more: 0 } : registerDeltas(cpu()!, before(), session.symbols(), 4)));
  const vectors = createMemo(() => (cpu() === null ? [] : vectorCells(cpu()!)));
  const named = createMemo(() => (cpu() === null ? [] : namedRegisters(cpu()!, session.symbols(), 4)));
  const changedAt = () => session.before()?.mark;
  return (
    <Panel
      name="registers"
      title="Registers"
      label="Registers"
      about={`CPU ${view()?.cpu ?? 0}${cpu()?.saved === true ? ', saved while in the kernel' : ''}`}
      tools={
        <span class="s">
          <Show when={changedAt()} fallback="first stop">
            changed since the last stop
          </Show>
        </span>
      }
    >
      <div class="pb" tabindex="0" data-entry role="group" aria-label="Register values">
        <div class="deltas">
          <Index each={deltas().rows} fallback={<Named rows={named()} nothing={before() !== null} />}>
            {(row) => (
              <div class="delta">
                <b class="c-hit">{row().name}</b>
                <Show when={row().name !== 'nzcv'} fallback={<span>{flags(row().value)}</span>}>
                  <Hex value={row().value} />
                </Show>
                <span class="dim" aria-label="was">
                  ←
                </span>
                <span class="clip">
                  <span class="dim">{row().name === 'nzcv' ? flags(row().old) : row().old.toString(16)}</span>
                  <span class="what">{row().note}</span>
                </span>
              </div>
            )}
          </Index>
          <Show when={deltas().more > 0}>
            <p class="empty">and {deltas().more} more, tinted below</p>
          </Show>
        </div>
        <dl class="regs">
          <Index each={cells()}>
            {(cell) => (
              <div class="rg" classList={{ fresh: cell().changed }}>
                <dt>{cell().name}</dt>
                <dd>
                  <Hex value={cell().value} />
                </dd>
              </div>
            )}
          </Index>
          <Show when={cpu()}>
            {(shown) => (
              <div class="rg">
                <dt>nzcv</dt>
                <dd class="mono">{flags(shown().regs['nzcv'] ?? 0n)}</dd>
              </div>
            )}
          </Show>
        </dl>
        <Show when={vectors().length > 0}>
          <dl class="regs vectors" aria-label="Vector registers that are not zero">
            <Index each={vectors()}>
              {(cell) => (
                <div class="rg wide">
                  <dt>{cell().name}</dt>
                  <dd>
                    <Hex value={cell().value} digits={32} />
                  </dd>
                </div>
              )}
            </Index>
          </dl>
        </Show>
      </div>
    </Panel>
  );
}

/** With nothing to compare: what the registers point at. */
function Named(props: { readonly rows: ReturnType<typeof namedRegisters>; readonly nothing: boolean }) {
  return (
    <>
      <Index each={props.rows}>
        {(row) => (
          <div class="delta">
            <b class="mid">{row().name}</b>
            <Hex value={row().value} />
            <span class="dim" aria-label="is">
              =
            </span>
            <span class="clip">{row().note}</span>
          </div>
        )}
      </Index>
      <p class="empty">{props.nothing ? 'No register changed.' : 'Step to see what an instruction changes.'}</p>
    </>
  );
}
