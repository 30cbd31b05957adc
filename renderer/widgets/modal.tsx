// A dialog that the browser itself keeps in front: focus stays inside, Escape closes it, and the focus goes back to where it was.
import { type JSX, onCleanup, onMount } from 'solid-js';
import './modal.css';

export function Modal(props: {
  readonly title: string;
  readonly wide?: boolean;
  readonly close: () => void;
  readonly children: JSX.Element;
}) {
  let dialog!: HTMLDialogElement;
  const id = `modal-${props.title.replace(/\W+/g, '-')}`;
  onMount(() => {
    const back = document.activeElement;
    dialog.showModal();
    // what the dialog is for comes first, not its Close button
    dialog.querySelector<HTMLElement>(':scope > :not(header) :is(button, input, select, textarea):not(:disabled)')?.focus();
    onCleanup(() => {
      dialog.close();
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    });
  });
  return (
    <dialog
      ref={dialog}
      class="modal"
      classList={{ wide: props.wide === true }}
      aria-labelledby={id}
      onCancel={(event) => (event.preventDefault(), props.close())}
    >
      <header>
        <h2 id={id}>{props.title}</h2>
        <span class="grow" />
        <button type="button" class="ib" aria-label="Close" onClick={() => props.close()}>
          ×
        </button>
      </header>
      {props.children}
    </dialog>
  );
}
