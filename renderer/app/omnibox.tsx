// One field for everything: `>` runs commands, `#` and `!` go to Marks, a name finds symbols, `mem:` adds a watch.
import { createEffect, createSignal, For, on, Show } from 'solid-js';
import { latest } from '../client/latest.ts';
import { useTrapline } from '../state/trapline.ts';
import { Lens } from './logo.tsx';
import { commandOffers, type Offer, placeOffers } from './omnibox-model.ts';
import './omnibox.css';

export function Omnibox() {
  const { session, commands, wanted, focus, view } = useTrapline();
  let input!: HTMLInputElement;
  let back: Element | null = null;
  const [offers, setOffers] = createSignal<readonly Offer[]>([]);
  const [at, setAt] = createSignal(0);
  const [open, setOpen] = createSignal(false);

  const symbolsFor = latest((text: string) => session.api.symbols(text, 8));
  async function ask(): Promise<void> {
    const text = input.value.trim();
    setAt(0);
    if (text.startsWith('>')) return void setOffers(commandOffers(text.slice(1).trim(), commands.all));
    const named = session.summary() !== null && /^[A-Za-z_.$][\w.$]*$/.test(text);
    const symbols = named ? await symbolsFor(text) : [];
    if (symbols !== null) setOffers(text === '' ? [] : placeOffers(text, symbols));
  }
  createEffect(
    on(wanted, (want) => {
      if (want?.part !== 'omnibox' && want?.part !== 'add-watch') return;
      back = document.activeElement;
      input.value = want.part === 'add-watch' ? 'mem:' : want.text;
      input.focus();
      input.setSelectionRange(input.value.length, input.value.length);
      setOpen(true);
      void ask();
    }),
  );
  function leave(): void {
    input.value = '';
    setOpen(false);
    setOffers([]);
    if (back instanceof HTMLElement && back.isConnected && back !== document.body) back.focus();
    else input.blur();
  }
  async function run(offer: Offer | undefined): Promise<void> {
    const text = input.value.trim();
    const act = offer?.act ?? (/^mem:/.test(text) ? { kind: 'watch' as const, text } : null);
    if (act === null) return;
    leave();
    if (act.kind === 'command') act.command.run();
    else if (act.kind === 'look') {
      await session.lookAt(act.expression);
      focus('bytes');
    } else if (act.kind === 'watch') await session.addWatch(act.text);
    else await session.seek(act.target);
    if (act.kind !== 'command') view.setPage('recording');
  }
  function onKey(event: KeyboardEvent): void {
    const list = offers();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      setAt((list.length + at() + (event.key === 'ArrowDown' ? 1 : -1)) % Math.max(1, list.length));
    else if (event.key === 'Enter') void run(list[at()]);
    else if (event.key === 'Escape') leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  const shown = () => open() && offers().length > 0;
  return (
    <div class="omni" role="search">
      <Lens />
      <input
        ref={input}
        id="omnibox"
        role="combobox"
        aria-label="Find a symbol, address or Mark; > runs a command; mem: adds a watch"
        aria-expanded={shown()}
        aria-controls="offers"
        aria-autocomplete="list"
        aria-activedescendant={shown() ? `offer-${at()}` : undefined}
        placeholder="Search   > command   # Mark   mem: watch"
        spellcheck={false}
        autocomplete="off"
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 120)}
        onInput={() => (setOpen(true), void ask())}
        onKeyDown={onKey}
      />
      <kbd aria-hidden="true">/</kbd>
      <ul id="offers" class="offers" role="listbox" aria-label="What was found" hidden={!shown()}>
        <For each={offers()}>
          {(offer, n) => (
            <li
              id={`offer-${n()}`}
              role="option"
              aria-selected={n() === at()}
              onPointerDown={(event) => (event.preventDefault(), void run(offer))}
            >
              <span class="clip">{offer.title}</span>
              <span class="dim clip">{offer.side}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={open() && offers().length === 0}>
        <span class="sr" role="status">
          Nothing found
        </span>
      </Show>
    </div>
  );
}
