// The two keyboards of a chat: inline buttons under a message, and the reply keyboard under the composer.

import { h } from './dom.js';
import { icon } from './icons.js';

const NOT_HERE = 'This kind of button is not part of the emulator';

export function inlineKeyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  const box = h('div', { class: 'inline-keyboard', role: 'group', 'aria-label': 'Buttons', data: { for: message.message_id } });
  for (const row of rows) {
    const line = h('div', { class: 'inline-row' });
    for (const button of row) line.append(inlineButton(message, button, actions));
    box.append(line);
  }
  return box;
}

function inlineButton(message, button, actions) {
  const isLink = Boolean(button.url || button.login_url);
  const element = h('button', {
    class: 'inline-button', type: 'button', dir: 'auto',
    data: button.callback_data === undefined ? {} : { callback: button.callback_data },
  }, h('span', { class: 'label' }, button.pay && message.paid ? 'Receipt' : button.text));
  if (isLink || button.copy_text) {
    element.append(h('span', { class: 'corner' }, icon(isLink ? 'link' : 'copy', 13)));
    element.setAttribute('aria-label', `${button.text} (${isLink ? 'link' : 'copies text'})`);
    if (isLink) element.title = button.url || button.login_url.url;
  }
  if (['danger', 'success', 'primary'].includes(button.style)) element.classList.add(`style-${button.style}`);
  if (button.callback_data !== undefined && actions.isPending(message.message_id, button.callback_data)) spin(element, true);
  element.addEventListener('click', () => {
    if (button.callback_data !== undefined) {
      if (element.getAttribute('aria-busy') !== 'true') actions.press(message.message_id, button.callback_data);
    } else if (button.pay) actions.payInvoice(message);
    else if (isLink) actions.openLink(button.url || button.login_url.url);
    else if (button.copy_text) actions.copy(button.copy_text.text);
    else actions.toast(NOT_HERE);
  });
  return element;
}

export function spin(element, on) {
  if (on) element.setAttribute('aria-busy', 'true');
  else element.removeAttribute('aria-busy');
  const ring = element.querySelector('.spinner');
  if (on && !ring) element.append(h('span', { class: 'spinner', 'aria-hidden': 'true' }));
  else if (!on && ring) ring.remove();
}

export function buttonsWith(root, messageId, data) {
  return [...root.querySelectorAll(`.inline-keyboard[data-for="${Number(messageId)}"] .inline-button`)]
    .filter((button) => button.dataset.callback === data);
}

// The reply keyboard: knows whether it is shown, and turns a tap into the right message.
export class ReplyKeyboard {
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.markup = null;
    this.shown = false;
  }

  get exists() {
    return Boolean(this.markup?.keyboard?.length);
  }

  get placeholder() {
    return this.markup?.input_field_placeholder || null;
  }

  update(markup) {
    if (JSON.stringify(markup ?? null) === JSON.stringify(this.markup)) return;
    this.markup = markup ?? null;
    this.shown = this.exists;
    this.draw();
    if (markup?.force_reply) this.actions.focusComposer();
  }

  toggle(shown = !this.shown) {
    this.shown = shown && this.exists;
    this.root.hidden = !this.shown;
    this.actions.keyboardChanged();
  }

  draw() {
    this.root.replaceChildren();
    this.root.classList.toggle('compact', Boolean(this.markup?.resize_keyboard));
    for (const row of this.markup?.keyboard || []) {
      const line = h('div', { class: 'reply-row' });
      for (const raw of row) {
        const button = typeof raw === 'string' ? { text: raw } : raw;
        const glyph = button.request_contact ? 'contact' : button.request_location ? 'location' : null;
        line.append(h('button', { class: 'reply-button', type: 'button', dir: 'auto', onclick: () => this.tap(button) },
          glyph ? icon(glyph, 18) : null, h('span', {}, button.text)));
      }
      this.root.append(line);
    }
    this.toggle(this.shown);
  }

  tap(button) {
    if (button.request_contact) this.actions.shareContact();
    else if (button.request_location) this.actions.shareLocation();
    else if (button.web_app || button.request_poll || button.request_users || button.request_chat) {
      this.actions.toast(NOT_HERE);
      return;
    } else this.actions.sendText(button.text);
    if (this.markup?.one_time_keyboard) this.toggle(false);
  }
}
