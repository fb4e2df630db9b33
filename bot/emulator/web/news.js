// The line under the top bar: what happened, or what can be done next; it takes its own place and covers nothing.

import { h } from './dom.js';
import { icon } from './icons.js';

export class News {
  constructor(host) {
    this.host = host;
    this.words = h('p', { class: 'news-words', role: 'status' });
    this.choices = h('div', { class: 'news-choices' });
    this.root = h('section', { class: 'news', hidden: true, 'aria-label': 'News' }, this.words, this.choices);
    host.append(this.root);
    this.kind = null;
  }

  // Choices: {label, primary, run}. A cross to close it is always there.
  show(kind, title, text, choices = [], onClose = () => {}) {
    this.kind = kind;
    this.root.hidden = false;
    this.root.dataset.kind = kind;
    this.words.replaceChildren(...(title ? [h('b', {}, title), ' '] : []), text);
    this.choices.replaceChildren(
      ...choices.map(({ label, primary, run }) => h('button', { class: primary ? 'news-choice primary' : 'news-choice', type: 'button', onclick: () => {
        this.hide(kind);
        run();
      } }, label)),
      h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Close this line', onclick: () => {
        this.hide(kind);
        onClose();
      } }, icon('close', 20)),
    );
  }

  hide(kind) {
    if (this.kind !== kind) return;
    this.kind = null;
    this.root.hidden = true;
  }
}
