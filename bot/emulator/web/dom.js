// Small helpers to build DOM nodes; text always goes in as text nodes, never as markup.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const preciseClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayThisYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });
const dayOtherYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' });

let ahead = 0;

// The emulator's clock may be ahead of the machine's: whoever needs the time here asks for this one.
export function setAhead(seconds) {
  const changed = ahead !== seconds;
  ahead = seconds;
  return changed;
}

export function now() {
  return new Date(Date.now() + ahead * 1000);
}

export function timeOf(seconds, precisely = false) {
  return (precisely ? preciseClock : clock).format(new Date(seconds * 1000));
}

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const today = now();
  if (date.toDateString() === today.toDateString()) return 'Today';
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday';
  return (date.getFullYear() === today.getFullYear() ? dayThisYear : dayOtherYear).format(date);
}

export function sizeOf(bytes) {
  if (!Number.isFinite(bytes)) return '';
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function durationOf(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export function initials(...names) {
  const words = names.filter(Boolean).join(' ').trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => Array.from(word)[0]).join('').toUpperCase() || '?';
}

export function nameOf(person) {
  return [person.first_name, person.last_name].filter(Boolean).join(' ') || `Person ${person.id}`;
}

export function avatar(text, hue, extra = '') {
  return h('span', { class: `avatar hue-${hue} ${extra}`.trim(), 'aria-hidden': 'true' }, text);
}

// Calls `run` once after the last request in a burst, never twice at the same time.
export function coalesce(run, wait = 0) {
  let timer = null;
  let active = null;
  let again = false;
  const start = () => {
    timer = null;
    if (active) {
      again = true;
      return;
    }
    active = Promise.resolve(run()).catch(() => {}).finally(() => {
      active = null;
      if (again) {
        again = false;
        start();
      }
    });
  };
  return () => {
    if (timer === null) timer = setTimeout(start, wait);
  };
}
