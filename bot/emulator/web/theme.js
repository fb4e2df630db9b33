// Light and dark: follows the system until the person chooses.

const KEY = 'phones-theme';
const ORDER = ['auto', 'light', 'dark'];

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function currentTheme() {
  return ORDER.includes(stored()) ? stored() : 'auto';
}

export function applyTheme(theme = currentTheme()) {
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

export function nextTheme() {
  const theme = ORDER[(ORDER.indexOf(currentTheme()) + 1) % ORDER.length];
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  applyTheme(theme);
  return theme;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => applyTheme());
