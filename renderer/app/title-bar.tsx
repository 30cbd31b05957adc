// The title: library, the open recording with its Mark, the theme and the sheet of keys.
import { Show } from 'solid-js';
import { shownMark } from '../base/format.ts';
import { useTrapline } from '../state/trapline.ts';
import { HalfDisc, Logo, Shelf } from './logo.tsx';
import './title-bar.css';

export function TitleBar() {
  const { session, view, theme, setDialog } = useTrapline();
  const page = (name: 'library' | 'recording') => (view.page() === name ? ('page' as const) : undefined);
  return (
    <header class="title">
      <span class="logo">
        <Logo />
        Trapline
      </span>
      <nav class="tabs" aria-label="Pages">
        <button type="button" class="tab" aria-current={page('library')} onClick={() => view.setPage('library')}>
          <Shelf />
          Library
        </button>
        <Show when={session.summary()}>
          {(open) => (
            <button type="button" class="tab" aria-current={page('recording')} onClick={() => view.setPage('recording')}>
              <span class="clip">{open().name}</span>
              <Show when={session.position()}>{(at) => <span class="mk">{shownMark(at().mark)}</span>}</Show>
            </button>
          )}
        </Show>
        <button
          type="button"
          class="tab plus"
          aria-label="Record a program"
          title="Record a program"
          onClick={() => setDialog({ kind: 'record' })}
        >
          +
        </button>
      </nav>
      <span class="grow" />
      <button
        type="button"
        class="ib"
        aria-label={theme.theme() === 'dark' ? 'Use light colours' : 'Use dark colours'}
        title="Light or dark (T)"
        onClick={() => theme.toggle()}
      >
        <HalfDisc />
      </button>
      <button type="button" class="ib" onClick={() => setDialog({ kind: 'help' })}>
        <kbd>?</kbd> Keys
      </button>
    </header>
  );
}
