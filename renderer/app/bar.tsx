// Below the title: transport, omnibox, what kind of recording this is, and whether its replay was proven exact.
import { Match, Show, Switch } from 'solid-js';
import { plural } from '../base/format.ts';
import { useTrapline } from '../state/trapline.ts';
import { CommandButton } from '../widgets/command-button.tsx';
import { Tick } from './logo.tsx';
import { Omnibox } from './omnibox.tsx';
import { Transport } from './transport.tsx';

export function Bar() {
  const { session } = useTrapline();
  const verification = session.verification;
  return (
    <section class="bar" aria-label="Controls">
      <Transport />
      <Omnibox />
      <span class="grow" />
      <Show when={session.summary()}>
        {(open) => (
          <div class="chips what">
            <span class="chip">{open().arch === 'aarch64' ? 'AArch64' : open().arch}</span>
            <span class="chip">{plural(open().cpus, 'CPU')}</span>
            <span class="chip">seed {open().seed}</span>
            <Switch fallback={<CommandButton command="recording.verify" text="Verify" />}>
              <Match when={verification().kind === 'exact'}>
                <span class="chip ok" title={`${plural((verification() as { digests: number }).digests, 'digest')} compared`}>
                  <Tick />
                  replays exactly
                </span>
              </Match>
              <Match when={verification().kind === 'diverged'}>
                <span class="chip bad">replay differs</span>
              </Match>
            </Switch>
          </div>
        )}
      </Show>
      <CommandButton command="recording.save" text="Save" />
    </section>
  );
}
