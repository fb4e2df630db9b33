// Things that lie over a phone or the page: toasts, alerts and forms, small menus, the photo viewer.

import { h } from './dom.js';
import { icon } from './icons.js';

let serial = 0;

export function toast(host, text, { bad = false } = {}) {
  host.querySelector(':scope > .toast')?.remove();
  const box = h('div', { class: `toast${bad ? ' bad' : ''}`, role: 'status' }, h('span', { dir: 'auto' }, text));
  host.append(box);
  const leave = () => box.remove();
  let timer = setTimeout(leave, 5000);
  box.addEventListener('mouseenter', () => clearTimeout(timer));
  box.addEventListener('mouseleave', () => {
    timer = setTimeout(leave, 1500);
  });
  box.addEventListener('click', leave);
}

function trapTab(event, box) {
  const stops = [...box.querySelectorAll('button, input, select, textarea, a[href], [tabindex="0"]')].filter((stop) => !stop.disabled);
  if (!stops.length) return;
  const first = stops[0];
  const last = stops[stops.length - 1];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

// A modal inside `host`. `build(close)` gives the content; resolves with what `close` is called with.
export function modal(host, title, build, { className = '' } = {}) {
  return new Promise((resolve) => {
    const back = document.activeElement;
    const titleId = `dialog-${serial += 1}`;
    const veil = h('div', { class: 'veil' });
    const close = (value) => {
      veil.remove();
      if (back?.isConnected) back.focus({ preventScroll: true });
      resolve(value ?? null);
    };
    const box = h('div', { class: `dialog ${className}`, role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': titleId, tabindex: '-1' },
      h('h2', { id: titleId }, title), ...build(close));
    veil.append(box);
    veil.addEventListener('mousedown', (event) => {
      if (event.target === veil) close(null);
    });
    veil.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') close(null);
      if (event.key === 'Tab') trapTab(event, box);
    });
    host.append(veil);
    (box.querySelector('[data-first]') || box).focus();
  });
}

export function alertBox(host, title, text) {
  return modal(host, title, (close) => [
    h('p', { class: 'dialog-text', dir: 'auto' }, text),
    h('div', { class: 'dialog-buttons' }, h('button', { type: 'button', class: 'primary', data: { first: '' }, onclick: () => close(true) }, 'OK')),
  ]);
}

export function confirmBox(host, title, text, action) {
  return modal(host, title, (close) => [
    h('p', { class: 'dialog-text' }, text),
    h('div', { class: 'dialog-buttons' },
      h('button', { type: 'button', data: { first: '' }, onclick: () => close(false) }, 'Cancel'),
      h('button', { type: 'button', class: 'danger', onclick: () => close(true) }, action)),
  ]);
}

// Fields: {name, label, value, type, required, options: [[value, label]]}. -> an object of strings, or null.
export function formBox(host, title, fields, action) {
  return modal(host, title, (close) => {
    const inputs = fields.map((field) => {
      const props = { name: field.name, class: 'field-input', ...(field.first ? { 'data-first': '' } : {}) };
      const input = field.options
        ? h('select', props, ...field.options.map(([value, label]) => h('option', { value, selected: value === field.value }, label)))
        : h('input', { ...props, type: field.type || 'text', value: field.value || '', required: field.required, autocomplete: 'off',
          maxlength: field.max || 64, placeholder: field.placeholder });
      return h('label', { class: 'field' }, h('span', {}, field.label), input);
    });
    const form = h('form', {
      onsubmit: (event) => {
        event.preventDefault();
        close(Object.fromEntries(new FormData(form).entries()));
      },
    }, h('div', { class: 'fields' }, ...inputs), h('div', { class: 'dialog-buttons' },
      h('button', { type: 'button', onclick: () => close(null) }, 'Cancel'),
      h('button', { type: 'submit', class: 'primary' }, action)));
    return [form];
  });
}

let openedMenu = null;

// Items: {label, detail, glyph, danger, run}. The menu opens beside `anchor`, inside `host`.
export function openMenu(host, anchor, items, label, point = null) {
  const wasFor = openedMenu?.anchor;
  openedMenu?.close(false);
  if (wasFor === anchor && !point) return;
  const list = h('div', { class: 'menu', role: 'menu', 'aria-label': label, tabindex: '-1' });
  for (const item of items) {
    if (item.disabled) {
      list.append(h('p', { class: 'menu-words', role: 'presentation' }, icon(item.glyph, 20), h('span', {}, item.label)));
      continue;
    }
    list.append(h('button', {
      class: `menu-item${item.danger ? ' danger' : ''}`, type: 'button', role: 'menuitem', tabindex: '-1',
      onclick: () => {
        close(true);
        item.run();
      },
    }, icon(item.glyph, 20), h('span', {}, item.label)));
  }
  const close = (refocus) => {
    list.remove();
    anchor.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', outside, true);
    openedMenu = null;
    if (refocus && anchor.isConnected) anchor.focus({ preventScroll: true });
  };
  const outside = (event) => {
    if (!list.contains(event.target) && !anchor.contains(event.target)) close(false);
    else if (point && !list.contains(event.target)) close(false);
  };
  list.addEventListener('keydown', (event) => {
    const all = [...list.querySelectorAll('.menu-item')];
    const at = all.indexOf(document.activeElement);
    const moves = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 };
    event.stopPropagation();
    if (event.key in moves) {
      event.preventDefault();
      all[moves[event.key]].focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close(true);
    }
  });
  host.append(list);
  setPlace(host, anchor, list, point);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  openedMenu = { anchor, close };
  list.querySelector('.menu-item')?.focus();
}

function setPlace(host, anchor, list, point) {
  const frame = host.getBoundingClientRect();
  const near = point ? { left: point.x, right: point.x, top: point.y, bottom: point.y } : anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  let left = near.left - frame.left;
  if (left + width > frame.width - 8) left = near.right - frame.left - width;
  let top = near.bottom - frame.top + 6;
  if (top + height > frame.height - 8) top = near.top - frame.top - height - 6;
  list.style.left = `${Math.max(8, Math.min(left, frame.width - width - 8))}px`;
  list.style.top = `${Math.max(8, Math.min(top, frame.height - height - 8))}px`;
}

export function showPhoto(source, label) {
  modal(document.body, label, (close) => [
    h('img', { src: source, alt: label, class: 'viewer-image' }),
    h('button', { type: 'button', class: 'viewer-close', 'aria-label': 'Close', data: { first: '' }, onclick: () => close(null) }, icon('close', 24)),
  ], { className: 'viewer' });
}
