// The list of messages of one phone: keeps rows in order, draws only a window of them, changes only what changed.
// The window moves with the scrolling, so that a chat of thousands has no more elements than one of some hundreds.

import { coalesce, h } from './dom.js';
import { renderRow, rowKey } from './message.js';

const FIRST_WINDOW = 80;
const STEP = 60;
const MOST_DRAWN = 240;
const EDGE = 600;
const NEAR_BOTTOM = 60;

export class ChatList {
  constructor(root, actions, onScroll) {
    this.root = root;
    this.actions = actions;
    this.rows = [];
    this.byKey = new Map();
    this.messages = new Map();
    this.drawnFrom = 0;
    this.drawnTo = 0;
    this.sticky = true;
    this.lastTop = 0;
    this.body = h('div', { class: 'rows' });
    // Measuring is dear: a burst of messages is measured once.
    this.settle = coalesce(() => {
      if (!this.sticky) return;
      this.toBottom();
      this.trim();
    }, 16);
    this.root.append(this.body);
    this.root.addEventListener('scroll', () => {
      this.followScroll();
      if (this.root.scrollTop < EDGE) this.drawOlder();
      else if (this.below() < EDGE) this.drawNewer();
      onScroll();
    }, { passive: true });
    const observer = new ResizeObserver(() => {
      if (this.sticky) this.toBottom();
      onScroll();
    });
    observer.observe(this.root);
    observer.observe(this.body);
  }

  get last() {
    const row = this.rows[this.rows.length - 1];
    return row ? row.messages[row.messages.length - 1] : null;
  }

  get lastId() {
    return this.last?.message_id || 0;
  }

  // The newest messages, the newest first.
  newest(count) {
    const found = [];
    for (let i = this.rows.length - 1; i >= 0 && found.length < count; i -= 1) found.push(...[...this.rows[i].messages].reverse());
    return found;
  }

  // How much of what is drawn lies below what is seen.
  below() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight;
  }

  get endsDrawn() {
    return this.drawnTo === this.rows.length;
  }

  isAtBottom() {
    return this.endsDrawn && this.below() < NEAR_BOTTOM;
  }

  // Only a person's scrolling up lets go of the bottom; a chat that merely grew stays pinned to it.
  followScroll() {
    const top = this.root.scrollTop;
    if (this.isAtBottom()) this.sticky = true;
    else if (top < this.lastTop - 1) this.sticky = false;
    this.lastTop = top;
  }

  // Moves by itself: that is not a person's scrolling.
  moveTo(top) {
    this.root.scrollTop = top;
    this.lastTop = this.root.scrollTop;
  }

  toBottom() {
    if (!this.endsDrawn) this.drawWindow(this.rows.length - FIRST_WINDOW, this.rows.length);
    this.moveTo(this.root.scrollHeight);
    this.sticky = true;
  }

  // Makes the list equal to what the emulator held when asked; `known` are the ids of before the question, so that
  // a message which came meanwhile is not taken for a deleted one.
  sync(messages, known) {
    const fresh = this.rows.length === 0;
    const kept = new Set(messages.map((message) => message.message_id));
    for (const id of known) if (!kept.has(id)) this.remove(id);
    if (!fresh) {
      for (const message of messages) this.upsert(message, false);
      return;
    }
    for (const message of messages) this.place(message);
    this.drawWindow(this.rows.length - FIRST_WINDOW, this.rows.length);
    this.toBottom();
  }

  // -> 'new', 'changed' or 'same'
  upsert(message, glow = true) {
    const known = this.messages.get(message.message_id);
    if (known) {
      if (known.date === message.date && (known.revision || 0) > (message.revision || 0)) return 'same';
      if (known.date === message.date && (known.revision || 0) === (message.revision || 0) && known.edit_date === message.edit_date && known.paid === message.paid
          && JSON.stringify(known.reply_markup) === JSON.stringify(message.reply_markup)) return 'same';
      const row = this.byKey.get(rowKey(known));
      row.messages[row.messages.indexOf(known)] = message;
      this.messages.set(message.message_id, message);
      this.redraw(row, glow);
      return 'changed';
    }
    const stick = this.sticky || message.out;
    const allDrawn = this.endsDrawn;
    const { row, index, isNew } = this.place(message);
    if (!isNew) this.redraw(row, false);
    else if (index < this.drawnFrom) {
      this.drawnFrom += 1;
      this.drawnTo += 1;
    } else if (index < this.drawnTo || allDrawn) {
      this.drawnTo += 1;
      const following = this.rows[index + 1]?.element || null;
      this.body.insertBefore(this.draw(index), following);
      if (following) this.redraw(this.rows[index + 1], false);
    }
    if (stick) {
      this.sticky = true;
      this.settle();
    }
    return 'new';
  }

  remove(id) {
    const message = this.messages.get(id);
    if (!message) return;
    this.messages.delete(id);
    const row = this.byKey.get(rowKey(message));
    row.messages = row.messages.filter((other) => other.message_id !== id);
    if (row.messages.length) {
      this.redraw(row, false);
      return;
    }
    const index = this.rows.indexOf(row);
    this.rows.splice(index, 1);
    this.byKey.delete(row.key);
    if (index < this.drawnFrom) this.drawnFrom -= 1;
    if (index < this.drawnTo) this.drawnTo -= 1;
    row.element?.remove();
    if (this.rows[index]?.element) this.redraw(this.rows[index], false);
  }

  clear() {
    this.rows = [];
    this.byKey.clear();
    this.messages.clear();
    this.drawnFrom = 0;
    this.drawnTo = 0;
    this.body.replaceChildren();
  }

  // Puts a message into its row; ids only grow, so the search from the end is short.
  place(message) {
    this.messages.set(message.message_id, message);
    const key = rowKey(message);
    let row = this.byKey.get(key);
    if (row) {
      row.messages.push(message);
      row.messages.sort((a, b) => a.message_id - b.message_id);
      return { row, index: this.rows.indexOf(row), isNew: false };
    }
    row = { key, messages: [message], element: null };
    let index = this.rows.length;
    while (index > 0 && this.rows[index - 1].messages[0].message_id > message.message_id) index -= 1;
    this.rows.splice(index, 0, row);
    this.byKey.set(key, row);
    return { row, index, isNew: true };
  }

  draw(index) {
    const row = this.rows[index];
    const before = index > 0 ? this.rows[index - 1].messages[0].date : null;
    row.element = renderRow(row.messages, before, this.actions);
    return row.element;
  }

  redraw(row, glow) {
    const old = row.element;
    if (!old) return;
    const above = old.offsetTop + old.offsetHeight < this.root.scrollTop;
    const height = old.offsetHeight;
    const focus = focusInside(old);
    const fresh = this.draw(this.rows.indexOf(row));
    old.replaceWith(fresh);
    if (focus) restoreFocus(fresh, focus);
    if (glow) {
      const bubble = fresh.querySelector('.message');
      bubble?.classList.add('just-edited');
      bubble?.addEventListener('animationend', () => bubble.classList.remove('just-edited'), { once: true });
    }
    if (this.sticky) this.toBottom();
    else if (above) this.moveTo(this.root.scrollTop + fresh.offsetHeight - height);
  }

  // Draws exactly the rows from..to, and nothing else.
  drawWindow(from, to) {
    for (let i = this.drawnFrom; i < this.drawnTo; i += 1) this.rows[i].element = null;
    this.drawnFrom = Math.max(0, from);
    this.drawnTo = Math.min(this.rows.length, to);
    this.body.replaceChildren(this.drawn(this.drawnFrom, this.drawnTo));
  }

  drawn(from, to) {
    const part = document.createDocumentFragment();
    for (let i = from; i < to; i += 1) part.append(this.draw(i));
    return part;
  }

  undraw(from, to) {
    for (let i = from; i < to; i += 1) {
      this.rows[i].element?.remove();
      this.rows[i].element = null;
    }
  }

  drawOlder() {
    if (this.drawnFrom === 0) return;
    const from = Math.max(0, this.drawnFrom - STEP);
    const height = this.root.scrollHeight;
    this.body.prepend(this.drawn(from, this.drawnFrom));
    this.drawnFrom = from;
    if (!this.sticky) this.moveTo(this.root.scrollTop + this.root.scrollHeight - height);
    const to = Math.min(this.drawnTo, from + MOST_DRAWN);
    if (to === this.drawnTo) return;
    this.undraw(to, this.drawnTo);
    this.drawnTo = to;
  }

  drawNewer() {
    if (this.endsDrawn) return;
    const to = Math.min(this.rows.length, this.drawnTo + STEP);
    this.body.append(this.drawn(this.drawnTo, to));
    this.drawnTo = to;
    this.dropOldest(to - MOST_DRAWN);
  }

  // What lies above the view goes without moving what is seen.
  dropOldest(from) {
    if (from <= this.drawnFrom) return;
    const height = this.root.scrollHeight;
    const top = this.root.scrollTop;
    this.undraw(this.drawnFrom, from);
    this.drawnFrom = from;
    this.moveTo(top - (height - this.root.scrollHeight));
  }

  // Draws everything that is there again: the days are called otherwise when the clock was moved on.
  repaint() {
    for (let i = this.drawnFrom; i < this.drawnTo; i += 1) this.redraw(this.rows[i], false);
  }

  trim() {
    if (this.drawnTo - this.drawnFrom <= MOST_DRAWN) return;
    this.dropOldest(this.rows.length - FIRST_WINDOW * 2);
    this.toBottom();
  }

  element(id) {
    return this.body.querySelector(`[data-message-id="${Number(id)}"]`);
  }

  goTo(id) {
    const message = this.messages.get(id);
    if (!message) return false;
    const index = this.rows.indexOf(this.byKey.get(rowKey(message)));
    if (index < this.drawnFrom || index >= this.drawnTo) this.drawWindow(index - FIRST_WINDOW / 2, index + FIRST_WINDOW / 2);
    const target = this.element(id);
    this.sticky = false;
    target.scrollIntoView({ block: 'center' });
    const bubble = target.closest('.message') || target;
    bubble.classList.add('just-edited');
    bubble.addEventListener('animationend', () => bubble.classList.remove('just-edited'), { once: true });
    return true;
  }

  // Arrow keys walk through the messages, so that the list is one stop for the Tab key.
  step(direction) {
    const all = [...this.body.querySelectorAll('.message')];
    const at = all.indexOf(document.activeElement?.closest?.('.message'));
    const next = at === -1 ? all[all.length - 1] : all[Math.min(all.length - 1, Math.max(0, at + direction))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  }
}

function focusInside(element) {
  const active = document.activeElement;
  if (!active || !element.contains(active)) return null;
  const buttons = [...element.querySelectorAll('.inline-button')];
  return { data: active.dataset.callback, index: buttons.indexOf(active) };
}

// Someone who uses the keyboard keeps their place when the message under their fingers is edited.
function restoreFocus(element, focus) {
  const buttons = [...element.querySelectorAll('.inline-button')];
  const same = focus.data === undefined ? null : buttons.find((button) => button.dataset.callback === focus.data);
  const target = same || (focus.index >= 0 ? buttons[Math.min(focus.index, buttons.length - 1)] : null) || element.querySelector('.message');
  target?.focus({ preventScroll: true });
}
