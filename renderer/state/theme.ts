// Dark or light: the system's wish until the person chooses. Kept in local storage; a browser that refuses it loses only the choice.
import { createSignal } from 'solid-js';

export type Theme = 'dark' | 'light';

const KEY = 'trapline.theme';

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'dark' || value === 'light' ? value : null;
  } catch {
    return null;
  }
}

export function createTheme() {
  const wish = matchMedia('(prefers-color-scheme: light)');
  const [theme, setTheme] = createSignal<Theme>(stored() ?? (wish.matches ? 'light' : 'dark'));
  const apply = (next: Theme) => {
    document.documentElement.dataset['theme'] = next;
    setTheme(next);
  };
  apply(theme());
  wish.addEventListener('change', () => stored() ?? apply(wish.matches ? 'light' : 'dark'));
  return {
    theme,
    toggle(): void {
      apply(theme() === 'dark' ? 'light' : 'dark');
      try {
        localStorage.setItem(KEY, theme());
      } catch {
        // private windows: the choice lasts as long as the page
      }
    },
  };
}
