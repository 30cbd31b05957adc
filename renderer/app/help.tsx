// Every command and its keys.
import { For } from 'solid-js';
import { shownChord } from '../base/keys.ts';
import { useTrapline } from '../state/trapline.ts';
import { Modal } from '../widgets/modal.tsx';
import './help.css';

const GROUPS = ['Move', 'Look', 'Recording', 'Window'] as const;

export function Help() {
  const { commands, setDialog } = useTrapline();
  return (
    <Modal title="Keys" wide close={() => setDialog(null)}>
      <div class="help">
        <For each={GROUPS}>
          {(group) => (
            <section>
              <h3>{group}</h3>
              <dl>
                <For each={commands.all.filter((command) => command.group === group)}>
                  {(command) => (
                    <div>
                      <dt>
                        <For each={command.keys}>{(key) => <kbd>{shownChord(key)}</kbd>}</For>
                      </dt>
                      <dd>{command.title}</dd>
                    </div>
                  )}
                </For>
              </dl>
            </section>
          )}
        </For>
        <p class="mid">
          In the timeline, up and down choose a lane, left and right walk its events, Enter shows it as a table. In the table of events, up
          and down move through the recording. A Mark is #instruction.event: copy it from the field between the arrows, paste it there to
          come back.
        </p>
      </div>
    </Modal>
  );
}
