// The comparators of the CPU in focus: slots by owner and state, and the registers of one of them decoded to the bit.
import { createMemo, createSignal, For, Show } from 'solid-js';
import { controlSummary, decodeControl } from '../../base/control-fields.ts';
import { watchName } from '../../base/format.ts';
import { useTrapline } from '../../state/trapline.ts';
import { BitFields } from '../../widgets/bit-fields.tsx';
import { Hex } from '../../widgets/hex.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { cpuOf } from '../../state/focus-cpu.ts';
import { coveredBytes, monitorBits, registerName, shownSlot, slotsOf } from './model.ts';
import './debug-unit.css';

export function DebugUnit() {
  const { session } = useTrapline();
  const [chosen, setChosen] = createSignal<{ readonly file: string; readonly slot: number } | null>(null);
  const cpu = createMemo(() => cpuOf(session.position()));
  const event = () => session.position()?.event ?? null;
  const slot = createMemo(() => shownSlot(cpu(), chosen(), event()));
  const mdscr = () => cpu()?.debug['MDSCR_EL1'] ?? 0n;
  const free = () => cpu()?.slots.filter((candidate) => candidate.state === 'free').length ?? 0;
  const owner = () => {
    const text = slot()?.owner ?? null;
    return text === null ? (slot()?.state ?? '') : watchName(text).name;
  };
  return (
    <Panel
      name="debug"
      title="Debug unit"
      label="Debug unit"
      about={`CPU ${cpu()?.cpu ?? 0} · MDSCR_EL1 ${mdscr().toString(16)}${monitorBits(mdscr()) === '' ? '' : ` (${monitorBits(mdscr())})`} · ${free()} of ${cpu()?.slots.length ?? 0} free`}
    >
      <div class="pb debug">
        <div class="slots">
          <For each={['WRP', 'BRP'] as const}>
            {(file) => (
              <div class="slotrow" role="group" aria-label={file === 'WRP' ? 'Watchpoint slots' : 'Breakpoint slots'}>
                <span class="mid">{file}</span>
                <For each={slotsOf(cpu(), file)}>
                  {(one) => (
                    <button
                      type="button"
                      class="slot"
                      classList={{ [one.state]: true }}
                      aria-pressed={slot()?.file === one.file && slot()?.slot === one.slot}
                      aria-label={`${file}${one.slot}: ${one.state}${one.owner === null ? '' : `, ${one.owner}`}`}
                      title={`${file}${one.slot}: ${one.state}${one.owner === null ? '' : `, ${one.owner}`}`}
                      onClick={() => setChosen({ file: one.file, slot: one.slot })}
                    >
                      {one.slot}
                    </button>
                  )}
                </For>
              </div>
            )}
          </For>
        </div>
        <Show when={slot()}>
          {(one) => (
            <>
              <dl class="dregs">
                <dt>{registerName(one(), 'V')}</dt>
                <dd>
                  <Hex value={one().address} />
                  <span class="mid clip">{owner()}</span>
                </dd>
                <dt>{registerName(one(), 'C')}</dt>
                <dd>
                  <Hex value={one().control} />
                  <span class="c-oa clip">{one().control === 0n ? 'off' : controlSummary(one().file, Number(one().control))}</span>
                </dd>
              </dl>
              <BitFields fields={decodeControl(one().file, Number(one().control))} />
              <p class="cover mid">
                <Show
                  when={coveredBytes(one(), event())}
                  fallback={<Show when={one().state === 'suspended'}>Suspended while the instruction under it is stepped over.</Show>}
                >
                  {(bits) => (
                    <>
                      This access covers BAS bits <span class="mono c-hit">{bits()}</span>.
                    </>
                  )}
                </Show>
              </p>
            </>
          )}
        </Show>
      </div>
    </Panel>
  );
}
