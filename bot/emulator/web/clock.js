// The time controls: the emulator's date, three buttons that move it on, and a line about what came of it.

import { coalesce, h, now, setAhead, timeOf } from './dom.js';
import { door } from './door.js';
import { plain } from './html.js';
import { icon } from './icons.js';

const STEPS = [[15 * 60, '+15 min', '15 minutes later'], [86400, '+1 day', 'a day later'], [3 * 86400, '+3 days', '3 days later']];
const LISTEN_MS = 20000;
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

function dateNow() {
  const moment = now();
  return `${day.format(moment)}, ${timeOf(moment.getTime() / 1000)}`;
}

export class Clock {
  // `news` shows a line, `nameOfPerson` names who a message is for, `onMoved` runs when the time has moved.
  constructor({ news, nameOfPerson, onMoved, onError }) {
    Object.assign(this, { news, nameOfPerson, onMoved, onError });
    this.moved = null;
    this.face = h('span', { class: 'clock-face' });
    this.buttons = STEPS.map(([seconds, label, later]) => h('button', {
      class: 'clock-step', type: 'button', 'aria-label': `Move the time on: ${label}`, data: { advance: seconds }, onclick: () => this.move(seconds, later),
    }, label));
    this.root = h('div', { class: 'clock', role: 'group', 'aria-label': 'Time' }, icon('clock', 18), this.face, ...this.buttons);
    this.tell = coalesce(() => this.say(), 120);
    this.draw();
    setInterval(() => this.draw(), 1000);
  }

  items() {
    return STEPS.map(([seconds, label, later]) => ({ label: `Time ${label}`, glyph: 'clock', run: () => this.move(seconds, later) }));
  }

  draw() {
    const text = dateNow();
    if (this.face.textContent !== text) this.face.textContent = text;
  }

  set(offset) {
    if (!setAhead(offset)) return;
    this.draw();
    this.onMoved();
  }

  async load() {
    this.set((await door.clock()).offset_seconds);
  }

  async move(seconds, later) {
    if (this.busy) return;
    this.busy = true;
    for (const button of this.buttons) button.setAttribute('aria-disabled', 'true');
    try {
      this.moved = { later, heard: new Map(), until: Date.now() + LISTEN_MS };
      this.set((await door.moveClock(seconds)).offset_seconds);
      this.say();
    } catch (error) {
      this.moved = null;
      this.onError(error);
    } finally {
      this.busy = false;
      for (const button of this.buttons) button.removeAttribute('aria-disabled');
    }
  }

  // A message that came after a move is most likely its doing.
  heard(event) {
    if (!this.moved || event.message?.out || !event.person) return;
    if (Date.now() > this.moved.until) {
      this.moved = null;
      return;
    }
    const before = this.moved.heard.get(event.person) || { ids: new Set() };
    before.ids.add(event.message.message_id);
    before.words = plain(event.message).split('\n').find((line) => line.trim()) || '';
    this.moved.heard.set(event.person, before);
    this.tell();
  }

  say() {
    if (!this.moved) return;
    const parts = [];
    for (const [person, { ids, words }] of this.moved.heard) {
      const more = ids.size > 1 ? ` (and ${ids.size - 1} more)` : '';
      parts.push(`${this.nameOfPerson(person)}: “${words.length > 70 ? `${words.slice(0, 69).trim()}…` : words}”${more}`);
    }
    this.news(`It is ${dateNow()} now, ${this.moved.later}. ${parts.length ? parts.join(' · ') : 'Nothing has come yet.'}`);
  }
}
