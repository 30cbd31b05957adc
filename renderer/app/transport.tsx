// The transport: reverse left of the Mark, forward right of it, the same glyphs mirrored, the key under each.
import { createEffect, createSignal, For, on } from 'solid-js';
import { formatMark } from '../../workers/base/mark.ts';
import { shownMark } from '../base/format.ts';
import { shownChord, spokenChord } from '../base/keys.ts';
import { useTrapline } from '../state/trapline.ts';
import './transport.css';

const Hit = () => (
  <>
    <path d="M9 2L3.5 6.5L9 11ZM14.5 2L9 6.5L14.5 11Z" fill="currentColor" />
    <path d="M2 2V11" stroke="currentColor" stroke-width="1.6" />
  </>
);
const Over = () => (
  <>
    <path d="M13 9.5A5 5 0 0 0 4 6.5" fill="none" stroke="currentColor" stroke-width="1.6" />
    <path d="M2.2 3.2L3 8.6L7.4 6Z" fill="currentColor" />
    <circle cx="8.5" cy="10.6" r="1.4" fill="currentColor" />
  </>
);
const One = () => (
  <>
    <path d="M13 6.5H5" stroke="currentColor" stroke-width="1.6" />
    <path d="M2 6.5L7 3V10Z" fill="currentColor" />
  </>
);

const BACK = [
  ['move.hit-back', Hit],
  ['move.over-back', Over],
  ['move.step-back', One],
] as const;
const FORWARD = [
  ['move.step', One],
  ['move.over', Over],
  ['move.hit', Hit],
] as const;

function Button(props: { readonly command: string; readonly forward: boolean; readonly glyph: () => ReturnType<typeof Hit> }) {
  const { commands } = useTrapline();
  const command = () => commands.get(props.command);
  const key = () => command().keys[0] ?? '';
  return (
    <button
      type="button"
      class="step"
      classList={{ fw: props.forward, rv: !props.forward }}
      title={`${command().title} (${command()
        .keys.map((chord) => shownChord(chord))
        .join(' or ')})`}
      aria-label={command().title}
      aria-keyshortcuts={spokenChord(key())}
      disabled={!command().when()}
      onClick={() => command().run()}
    >
      <svg width="17" height="13" viewBox="0 0 17 13" aria-hidden="true">
        {props.glyph()}
      </svg>
      <small>{shownChord(key())}</small>
    </button>
  );
}

export function Transport() {
  const { session, wanted } = useTrapline();
  let input!: HTMLInputElement;
  const [editing, setEditing] = createSignal(false);
  const mark = () => session.position()?.mark;
  createEffect(on(wanted, (want) => want?.part === 'mark' && (input.focus(), input.select())));
  createEffect(() => {
    if (!editing()) input.value = mark() === undefined ? '' : shownMark(mark()!);
  });
  async function go(): Promise<void> {
    const text = input.value.trim();
    if (text === '') return;
    const target = /^[\d,]+(\.\d+)?$/.test(text) ? `#${text}` : text;
    if (await session.seek(target)) {
      setEditing(false);
      input.value = mark() === undefined ? '' : shownMark(mark()!);
      input.select();
    }
  }
  return (
    <div class="trans" role="toolbar" aria-label="Move through time">
      <For each={BACK}>{([command, glyph]) => <Button command={command} forward={false} glyph={glyph} />}</For>
      <form
        class="markbox"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <input
          ref={input}
          id="mark"
          aria-label="Mark: type #instruction, #instruction.event, !percent or a symbol, and Enter"
          spellcheck={false}
          autocomplete="off"
          disabled={session.summary() === null}
          onInput={() => setEditing(true)}
          onBlur={() => setEditing(false)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            setEditing(false);
            input.blur();
          }}
          onCopy={(event) => {
            const here = mark();
            if (here === undefined || input.selectionStart !== 0 || input.selectionEnd !== input.value.length || editing()) return;
            event.clipboardData?.setData('text/plain', formatMark(here));
            event.preventDefault();
          }}
        />
        <kbd aria-hidden="true">G</kbd>
      </form>
      <For each={FORWARD}>{([command, glyph]) => <Button command={command} forward={true} glyph={glyph} />}</For>
    </div>
  );
}
