// Arrow keys within a group of which Tab reaches one element (roving tabindex).

/** Moves the focus among the elements marked data-item in `group`; returns true when the key was one of ours. */
export function rove(event: KeyboardEvent, group: HTMLElement, columns = 1): boolean {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    ...(columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const items = [...group.querySelectorAll<HTMLElement>('[data-item]')];
  const here = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
  let next = here;
  if (event.key in steps) next = Math.max(0, Math.min(items.length - 1, here + steps[event.key]!));
  else if (event.key === 'Home') next = 0;
  else if (event.key === 'End') next = items.length - 1;
  else return false;
  event.preventDefault();
  const target = items[next];
  if (target !== undefined) {
    for (const item of items) item.tabIndex = item === target ? 0 : -1;
    target.focus();
  }
  return true;
}
