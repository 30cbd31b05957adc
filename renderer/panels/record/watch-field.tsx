// One watch specification with completion from the program's symbols and a check as it is typed.
import { createEffect, createSignal, createUniqueId, For, on, Show } from 'solid-js';
import type { SymbolRow } from '../../../workers/api/workbench-api.ts';
import { useTrapline } from '../../state/trapline.ts';
import { completions } from './model.ts';

interface WatchFieldProps {
  readonly value: string;
  readonly program: Uint8Array | null;
  readonly symbols: readonly SymbolRow[];
  readonly change: (value: string) => void;
  readonly error: string | null;
  readonly setError: (error: string | null) => void;
  readonly remove: () => void;
}

export function WatchField(props: WatchFieldProps) {
  const { api } = useTrapline();
  const id = createUniqueId();
  const [open, setOpen] = createSignal(false);
  const [at, setAt] = createSignal(-1);
  const offers = () => (open() ? completions(props.value, props.symbols).filter((offer) => offer !== props.value.trim()) : []);

  let asked = 0;
  createEffect(
    on([() => props.value, () => props.program], ([value, program]) => {
      asked += 1;
      const mine = asked;
      if (program === null || value.trim() === '') return props.setError(null);
      void api.checkEvent(program, value.trim()).then((error) => mine === asked && props.setError(error));
    }),
  );
  function take(offer: string): void {
    props.change(offer);
    setOpen(false);
    setAt(-1);
  }
  function onKey(event: KeyboardEvent): void {
    const list = offers();
    if (list.length === 0) return;
    if (event.key === 'ArrowDown') setAt((at() + 1) % list.length);
    else if (event.key === 'ArrowUp') setAt((at() + list.length - 1) % list.length);
    else if (event.key === 'Enter' && at() >= 0) take(list[at()]!);
    else if (event.key === 'Escape') setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <div class="watch-field">
      <div class="line">
        <input
          class="field mono grow"
          role="combobox"
          aria-label="Watch: mem:SYMBOL/LENGTH:rwx"
          aria-expanded={offers().length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={at() >= 0 && offers().length > 0 ? `${id}-${at()}` : undefined}
          aria-invalid={props.error !== null}
          aria-describedby={`${id}-error`}
          placeholder="mem:counter/8:w"
          spellcheck={false}
          autocomplete="off"
          value={props.value}
          onInput={(event) => (setOpen(true), setAt(-1), props.change(event.currentTarget.value))}
          onFocus={() => setOpen(true)}
          onBlur={() => setTimeout(() => setOpen(false), 120)}
          onKeyDown={onKey}
        />
        <button type="button" class="ib" aria-label="Remove this watch" onClick={() => props.remove()}>
          ×
        </button>
      </div>
      <ul id={`${id}-list`} class="offers" role="listbox" aria-label="Watches that fit" hidden={offers().length === 0}>
        <For each={offers()}>
          {(offer, n) => (
            <li
              id={`${id}-${n()}`}
              class="mono"
              role="option"
              aria-selected={n() === at()}
              onPointerDown={(event) => (event.preventDefault(), take(offer))}
            >
              {offer}
            </li>
          )}
        </For>
      </ul>
      <p id={`${id}-error`} class="c-bad" role="alert">
        <Show when={props.error}>{props.error}</Show>
      </p>
    </div>
  );
}
