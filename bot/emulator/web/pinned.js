// The bar with the pinned message; its owner may hide it until another one is pinned.

import { h } from './dom.js';
import { plain } from './html.js';
import { icon } from './icons.js';

export class Pinned {
  // `messageOf` gives a message of the chat, `goTo` shows it there.
  constructor(messageOf, goTo) {
    this.messageOf = messageOf;
    this.goTo = goTo;
    this.id = null;
    this.hiddenId = null;
    this.root = h('div', { class: 'pinned', hidden: true });
  }

  // Telegram leaves a service line for each pin; the newest one whose message still exists counts.
  find(messages) {
    let id = null;
    for (const message of messages) if (message.pinned_message) id = message.pinned_message.message_id;
    this.show(id);
  }

  show(id) {
    this.id = id ?? null;
    const message = id ? this.messageOf(id) : null;
    this.root.hidden = !message || this.hiddenId === id;
    if (this.root.hidden) return;
    this.root.replaceChildren(
      h('button', { class: 'pin-open', type: 'button', onclick: () => this.goTo(id) }, icon('pin', 18),
        h('span', { class: 'context-words' }, h('b', {}, 'Pinned message'), h('span', { dir: 'auto' }, plain(message)))),
      h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Hide the pinned message', onclick: () => {
        this.hiddenId = id;
        this.root.hidden = true;
      } }, icon('close', 18)));
  }
}
