// While the CPU is in the kernel for a program: which of the two sides code and registers show.
import { Show } from 'solid-js';
import { cpuOf } from '../state/focus-cpu.ts';
import { useTrapline } from '../state/trapline.ts';
import './side-switch.css';

export function SideSwitch() {
  const { session } = useTrapline();
  const cpu = () => cpuOf(session.position());
  return (
    <Show when={cpu()?.user !== undefined} fallback={<span class="s">CPU {cpu()?.cpu ?? 0}</span>}>
      <span class="sides" role="group" aria-label="Side shown" title="The CPU is in the kernel (X)">
        <button type="button" aria-pressed={session.side() === 'program'} onClick={() => void session.setSide('program')}>
          program
        </button>
        <button type="button" aria-pressed={session.side() === 'kernel'} onClick={() => void session.setSide('kernel')}>
          kernel
        </button>
      </span>
    </Show>
  );
}
