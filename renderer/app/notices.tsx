// What went wrong or needs saying, as a sentence in place, with the way out. The live region for screen readers is here as well.
import { Show } from 'solid-js';
import { useTrapline } from '../state/trapline.ts';
import { Glyph } from '../widgets/glyph.tsx';

export function Notices() {
  const { session, shelf } = useTrapline();
  return (
    <div class="notices">
      <p class="sr" role="status" aria-live="polite">
        {session.spoken()}
      </p>
      <Show when={session.notice()}>
        {(notice) => (
          <div class="banner" classList={{ bad: notice().tone === 'bad' }} role={notice().tone === 'bad' ? 'alert' : 'status'}>
            <Glyph shape={notice().tone === 'bad' ? 'cross' : 'ring'} tone={notice().tone === 'bad' ? 'bad-c' : 'ink2'} />
            <p class="grow">
              <b>{notice().title}.</b> {notice().text}
            </p>
            <Show when={notice().action}>
              {(action) => (
                <button type="button" class="btn sm" onClick={() => action().run()}>
                  {action().title}
                </button>
              )}
            </Show>
            <button type="button" class="ib" aria-label="Dismiss this message" onClick={() => session.dismiss()}>
              ×
            </button>
          </div>
        )}
      </Show>
      <Show when={shelf.removed()}>
        {(row) => (
          <div class="banner" role="status">
            <p class="grow">
              <b>{row().name}</b> was deleted.
            </p>
            <button type="button" class="btn sm" onClick={() => shelf.restore()}>
              Bring it back
            </button>
          </div>
        )}
      </Show>
    </div>
  );
}
