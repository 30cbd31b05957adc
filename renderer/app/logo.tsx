// The few drawings that are not kinds of events. Decoration: names stand beside them.

export const Logo = () => (
  <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
    <path d="M1 14.5H19" stroke="var(--ink2)" stroke-width="1.4" />
    <path d="M4 12L6.6 7.4L9.2 12Z" fill="none" stroke="var(--hit-c)" stroke-width="1.4" stroke-linejoin="round" />
    <path d="M11 12L14 6L17 12Z" fill="var(--hit-c)" />
    <path d="M10.1 3V18" stroke="var(--ink)" stroke-width="1.4" />
  </svg>
);

export const Shelf = () => (
  <svg width="13" height="13" viewBox="0 0 13 13" aria-hidden="true">
    <path d="M2 1.5V11.5M5 1.5V11.5M7.7 2L11 11.2" stroke="currentColor" stroke-width="1.6" />
  </svg>
);

export const HalfDisc = () => (
  <svg width="13" height="13" viewBox="0 0 13 13" aria-hidden="true">
    <circle cx="6.5" cy="6.5" r="5" fill="none" stroke="currentColor" stroke-width="1.4" />
    <path d="M6.5 1.5A5 5 0 0 1 6.5 11.5Z" fill="currentColor" />
  </svg>
);

export const Lens = () => (
  <svg width="13" height="13" viewBox="0 0 13 13" aria-hidden="true">
    <circle cx="5.5" cy="5.5" r="4" fill="none" stroke="currentColor" stroke-width="1.5" />
    <path d="M8.5 8.5L12 12" stroke="currentColor" stroke-width="1.5" />
  </svg>
);

export const Tick = () => (
  <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
    <path d="M1.5 5.2L4 7.7L8.5 2.5" fill="none" stroke="currentColor" stroke-width="1.7" />
  </svg>
);

export const DropMark = () => (
  <svg width="34" height="34" viewBox="0 0 34 34" aria-hidden="true">
    <path d="M4 24H30M10 20L14 12L18 20Z" fill="none" stroke="var(--ink3)" stroke-width="1.6" />
    <path d="M24 4V17M20 13L24 17.5L28 13" fill="none" stroke="var(--hit-c)" stroke-width="2" />
  </svg>
);
