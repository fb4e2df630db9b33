// The tour's card on a phone, between chat and composer: it covers nothing, and it points at what to tap.

import { h } from './dom.js';
import { icon } from './icons.js';
import { buttonsWith } from './keyboard.js';

const WAITING = 'The bot is at work …';

export class TourCard {
  // `does` are the answers to the card's buttons: skip, end, next, back, act.
  constructor(does) {
    this.does = does;
    this.phone = null;
    this.key = null;
    this.live = h('div', { class: 'sr-only', role: 'status' });
    this.root = h('section', { class: 'tour-card', 'aria-label': 'Tour' });
    document.body.append(this.live);
  }

  remove() {
    this.mark([]);
    this.root.remove();
    this.phone = null;
    this.key = null;
    this.live.textContent = '';
  }

  // `isNew`: the target was not pointed at before, so it is brought into view.
  show(phone, view, target = null, isNew = false) {
    if (phone && (phone !== this.phone || !this.root.isConnected)) phone.area.after(this.root);
    this.phone = phone;
    this.root.dataset.target = target?.text ? 'key' : '';
    const key = `${view.at}|${view.state}|${phone?.id}`;
    const changed = key !== this.key;
    this.key = key;
    if (changed) this.draw(view);
    const elements = this.elements(target);
    this.mark(elements);
    if (isNew && target) this.bringIntoView(target, elements[0]);
    if (changed) this.takeFocus(view, elements[0]);
  }

  // Between two phones: what was tapped is done.
  rest() {
    this.mark([]);
    this.key = null;
    this.root.dataset.state = 'done';
    this.root.querySelector('.tour-choices')?.replaceChildren(h('span', { class: 'tour-tap' }, icon('done', 20), ' Done'));
  }

  draw({ state, step, number, done, total, name, back }) {
    const words = state === 'wait' ? step.waiting || step.say : state === 'lost' ? this.lostWords(step, name) : state === 'gone' ? 'This person is not here any more.' : step.say;
    const primary = { act: () => this.actButton(step), see: () => this.button('Next', this.does.next, true), lost: () => (back ? this.button('Take me back', this.does.back, true) : null) }[state];
    this.root.dataset.state = state;
    this.root.replaceChildren(...[
      h('div', { class: 'tour-head' },
        h('b', {}, step.see ? name : `${name} · ${number} of ${total}`),
        h('span', { class: 'tour-bar', 'aria-hidden': 'true' }, ...Array.from({ length: total }, (_, i) => h('i', { class: i < done ? 'done' : i < number && !step.see ? 'now' : '' }))),
        h('button', { class: 'icon-button tour-end', type: 'button', 'aria-label': 'End the tour', onclick: this.does.end }, icon('close', 18))),
      h('p', { class: 'tour-words' }, words),
      h('div', { class: 'tour-choices' },
        state === 'tap' ? h('span', { class: 'tour-tap' }, 'Tap ', h('b', {}, step.tap.replace(/[\s·]+$/, ''))) : null,
        state === 'wait' ? h('span', { class: 'tour-tap' }, h('span', { class: 'spinner inline', 'aria-hidden': 'true' }), ` ${WAITING}`) : null,
        primary?.(),
        h('button', { class: 'tour-choice', type: 'button', onclick: this.does.skip }, 'Skip')),
    ].filter(Boolean));
    this.live.textContent = `Tour, ${name}'s phone, ${number} of ${total}: ${words}${state === 'tap' ? ` Tap ${step.tap}` : ''}`;
  }

  lostWords(step, name) {
    return `“${(step.tap || step.see).replace(/[\s·]+$/, '')}” is not on ${name}'s phone just now.`;
  }

  button(label, run, primary = false) {
    return h('button', { class: `tour-choice${primary ? ' primary' : ''}`, type: 'button', onclick: run }, label);
  }

  actButton(step) {
    const inside = step.photo ? [h('img', { src: step.photo, alt: '', class: 'tour-sample' }), 'Send this picture'] : [`Send “${step.send}”`];
    return h('button', { class: 'tour-choice primary', type: 'button', onclick: this.does.act }, ...inside);
  }

  elements(target) {
    if (!target || !this.phone) return [];
    if (target.button) {
      return target.button.callback_data !== undefined ? buttonsWith(this.phone.chat, target.message.message_id, target.button.callback_data).slice(0, 1) : [];
    }
    if (target.message) return [this.phone.list.element(target.message.message_id)].filter(Boolean);
    return [...this.phone.keyboard.root.querySelectorAll('.reply-button')].filter((button) => button.textContent === target.text);
  }

  mark(elements) {
    for (const old of document.querySelectorAll('.tour-target')) if (!elements.includes(old)) old.classList.remove('tour-target');
    for (const element of elements) element.classList.add('tour-target');
  }

  bringIntoView(target, element) {
    if (target.text) {
      if (!this.phone.keyboard.shown) this.phone.keyboard.toggle(true);
      return;
    }
    if (!element) this.phone.list.goTo(target.message.message_id);
    const there = element || this.elements(target)[0];
    if (!there) return;
    const box = there.getBoundingClientRect();
    const frame = this.phone.chat.getBoundingClientRect();
    if (box.top >= frame.top && box.bottom <= frame.bottom) return;
    if (!this.phone.list.isAtBottom() || box.top < frame.top) there.scrollIntoView({ block: 'center' });
  }

  // Whoever uses the keyboard is led along; whoever is typing or elsewhere is left alone.
  takeFocus(view, element) {
    const active = document.activeElement;
    const free = active === document.body || active === null || this.root.contains(active) || !active.checkVisibility?.() || active.closest('.chat') || active.closest('.news');
    if (!free) return;
    const target = view.state === 'tap' ? element : this.root.querySelector('.tour-choice.primary');
    target?.focus({ preventScroll: true });
  }

  // The sample with a little grain of its own each time, as no two photos are the same.
  async picture(address) {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    for (let i = 0; i < 400; i += 1) {
      pen.fillStyle = `rgba(0, 0, 0, ${Math.random() * 0.12})`;
      pen.fillRect(Math.random() * canvas.width, Math.random() * canvas.height, 3, 3);
    }
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.9); });
    return new File([blob], 'screenshot.jpg', { type: 'image/jpeg' });
  }
}
