// One person's phone: its frame and header, what its chat holds, and what its owner can do.

import { avatar, coalesce, h, initials, nameOf } from './dom.js';
import { door } from './door.js';
import { ChatList } from './chatlist.js';
import { Composer } from './composer.js';
import { plain } from './html.js';
import { icon } from './icons.js';
import { ReplyKeyboard, buttonsWith, spin } from './keyboard.js';
import { meaningOf } from './links.js';
import { openHeaderMenu, openMessageMenu } from './menus.js';
import { alertBox, showPhoto, toast } from './overlay.js';
import { pay } from './pay.js';
import { Pinned } from './pinned.js';
import { takeDrops } from './drop.js';
import { shareOf } from './share.js';

export const HUES = { worker: 1, employer: 2, subscriber: 3, operator: 5 };

export class Phone {
  constructor(person, page) {
    this.person = person;
    this.page = page;
    this.bot = null;
    this.unread = 0;
    this.seen = false;
    this.blocked = false;
    this.loaded = false;
    this.pending = new Map();
    this.answers = new Map();
    this.typingTimer = null;
    this.actions = this.makeActions();
    this.build();
    this.reload = coalesce(() => this.load(false), 30);
    this.markRead = coalesce(() => this.read(), 150);
    this.scrolledSoon = coalesce(() => this.scrolled(), 30);
  }

  get id() {
    return this.person.id;
  }

  get botId() {
    return this.bot?.id;
  }

  makeActions() {
    const bar = (text) => toast(this.area, text);
    return {
      ...shareOf(this),
      screen: () => this.screen,
      toast: bar,
      isOwn: (message) => Boolean(message.out ?? message.from?.id === this.id),
      botName: () => this.bot?.first_name || 'Bot',
      isPending: (messageId, data) => this.pending.has(`${messageId}|${data}`),
      press: (messageId, data) => this.press(messageId, data),
      openLink: (address) => this.openLink(address),
      payInvoice: (message) => this.payInvoice(message),
      goTo: (id) => this.list.goTo(id) || bar('That message is not here any more'),
      showPhoto,
      copy: (text) => this.copy(text),
      sendText: (text, replyTo) => this.act(() => door.text(this.id, this.botId, text, replyTo)),
      editText: (id, text) => this.act(() => door.edit(this.id, this.botId, id, text)),
      toggleKeyboard: () => this.keyboard.toggle(),
      keyboardChanged: () => this.keyboardChanged(),
      focusComposer: () => this.composer.focus(),
      lastOwnText: () => [...this.list.messages.values()].reverse().find((message) => message.out && message.text && !message.forward_origin),
    };
  }

  build() {
    const { person } = this;
    const hue = HUES[person.role] || 4;
    this.badge = h('span', { class: 'badge', hidden: true });
    this.botAvatar = avatar('?', 0, 'bot-avatar');
    this.botTitle = h('div', { class: 'bot-title' }, 'Bot');
    this.status = h('div', { class: 'bot-status' }, 'bot');
    this.menu = h('button', { class: 'icon-button header-menu', type: 'button', 'aria-label': 'Chat menu', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
      onclick: () => openHeaderMenu(this) }, icon('more', 22));
    this.pin = new Pinned((id) => this.list.messages.get(id), (id) => this.actions.goTo(id));
    this.chat = h('div', { class: 'chat', role: 'log', 'aria-live': 'off', 'aria-label': `Chat of ${nameOf(person)}`, tabindex: '0' });
    this.empty = h('div', { class: 'empty', hidden: true });
    this.downCount = h('span', { class: 'badge', hidden: true });
    this.down = h('button', { class: 'icon-button scroll-down', type: 'button', 'aria-label': 'To the newest message', hidden: true,
      onclick: () => this.list.toBottom() }, icon('down', 24), this.downCount);
    this.area = h('div', { class: 'chat-area' }, this.chat, this.empty, this.down);
    this.foot = h('div', { class: 'foot' });
    this.startButton = h('button', { class: 'start-button', type: 'button', hidden: true, onclick: () => this.actions.sendText('/start') }, 'START');
    this.unblockButton = h('button', { class: 'start-button unblock-button', type: 'button', hidden: true, onclick: () => this.setBlocked(false) }, 'Unblock');
    const keys = h('div', { class: 'reply-keyboard', role: 'group', 'aria-label': 'Bot keyboard', hidden: true });
    this.live = h('div', { class: 'sr-only', 'aria-live': 'polite' });
    this.screen = h('div', { class: 'screen' },
      h('header', { class: 'chat-header' }, this.botAvatar, h('div', { class: 'bot-words' }, this.botTitle, this.status), this.menu),
      this.pin.root,
      this.area,
      h('div', { class: 'bottom' }, this.startButton, this.unblockButton, this.foot, keys), this.live);
    this.root = h('section', { class: 'phone', data: { person: person.id, role: person.role || '' }, 'aria-label': `Phone of ${nameOf(person)}${person.role ? `, ${person.role}` : ''}` },
      h('header', { class: 'person-card' }, avatar(initials(person.first_name, person.last_name), hue),
        h('h2', {}, nameOf(person)), person.role ? h('span', { class: `role hue-${hue}` }, person.role) : null,
        h('span', { class: 'language', title: 'Language of this phone' }, person.language_code || ''), this.badge),
      this.screen);
    this.list = new ChatList(this.chat, this.actions, () => this.scrolled());
    this.composer = new Composer(this.foot, this.actions, `commands-${person.id}`);
    this.keyboard = new ReplyKeyboard(keys, this.actions);
    this.chat.addEventListener('click', (event) => this.clicked(event));
    this.chat.addEventListener('contextmenu', (event) => this.contextMenu(event));
    this.chat.addEventListener('keydown', (event) => this.chatKey(event));
    takeDrops(this.screen, this.area, (kind, files) => this.composer.sendFiles(kind, files));
  }

  // ---- what the emulator tells

  setBot(bot) {
    const changed = bot?.id !== this.bot?.id;
    this.bot = bot;
    if (changed) {
      this.list.clear();
      this.loaded = false;
    }
    this.botTitle.textContent = bot?.first_name || 'No bot yet';
    this.botAvatar.textContent = initials(bot?.first_name || '?');
    this.showStatus(false);
    this.showEmpty();
  }

  async load(full = true) {
    if (!this.bot) return;
    const after = full || !this.loaded ? undefined : this.list.lastId;
    const known = [...this.list.messages.keys()];
    const { botId } = this;
    const chat = await door.chat(this.id, botId, after);
    if (botId !== this.botId) return;
    if (after === undefined) {
      this.list.sync(chat.messages, known);
      this.loaded = true;
      this.pin.find(this.list.messages.values());
      for (const [key, wait] of this.pending) if (wait.id) this.askAnswer(key, wait.id);
    } else for (const message of chat.messages) this.receive(message);
    this.blocked = Boolean(chat.blocked);
    this.started = Boolean(chat.started);
    this.composer.setCommands(chat.commands);
    this.keyboard.update(chat.reply_keyboard);
    this.keyboardChanged();
    this.showStatus(chat.typing);
    // What came meanwhile is not in the answer.
    const asked = Math.max(after || 0, ...chat.messages.map((message) => message.message_id));
    const since = [...this.list.messages.values()].filter((message) => message.message_id > asked && !message.out).length;
    this.setUnread((chat.unread || 0) + since);
    if (Array.isArray(chat.pinned)) this.pin.show(chat.pinned.at(-1) ?? null);
    this.showEmpty();
    this.scrolled();
  }

  receive(message) {
    if (message.chat && message.chat.id !== this.id) return;
    const outcome = this.list.upsert(message);
    if (outcome === 'new') {
      if (!message.out) {
        this.showStatus(false);
        this.setUnread(this.unread + 1);
        this.live.textContent = `${nameOf(this.person)}, new message: ${plain(message).slice(0, 300)}`;
      } else this.started = true;
      if (message.pinned_message) this.pin.show(message.pinned_message.message_id);
      this.showEmpty();
    } else if (outcome === 'changed' && !message.out) {
      this.live.textContent = `${nameOf(this.person)}, message changed: ${plain(message).slice(0, 300)}`;
    }
    if (this.pin.id === message.message_id) this.pin.show(message.message_id);
    this.scrolledSoon();
  }

  deleted(id) {
    this.list.remove(id);
    if (this.pin.id === id) this.pin.show(null);
    this.showEmpty();
  }

  answered(event) {
    const id = String(event.callback_query_id);
    this.answers.set(id, event);
    if (this.answers.size > 100) this.answers.delete(this.answers.keys().next().value);
    for (const [key, wait] of this.pending) if (wait.id === id) this.finish(key);
    if (event.url) this.openLink(event.url);
    if (!event.text) return;
    if (event.show_alert) alertBox(this.screen, this.bot?.first_name || 'Bot', event.text);
    else toast(this.area, event.text);
  }

  // ---- what the owner does

  async act(run) {
    if (!this.bot) {
      toast(this.area, 'No bot has called the emulator yet', { bad: true });
      return null;
    }
    try {
      const result = await run();
      this.list.toBottom();
      if (!this.page.online()) this.reload();
      return result || {};
    } catch (error) {
      toast(this.area, error.message, { bad: true });
      return null;
    }
  }

  async press(messageId, data) {
    const key = `${messageId}|${data}`;
    if (this.pending.has(key)) return;
    const wait = { id: null, timer: setTimeout(() => this.finish(key), 60000) };
    this.pending.set(key, wait);
    for (const button of buttonsWith(this.chat, messageId, data)) spin(button, true);
    try {
      const { callback_query_id: id } = await door.press(this.id, this.botId, messageId, data);
      wait.id = String(id);
      if (this.answers.has(wait.id)) this.finish(key);
    } catch (error) {
      this.finish(key);
      toast(this.area, error.message, { bad: true });
    }
  }

  finish(key) {
    const wait = this.pending.get(key);
    if (!wait) return;
    clearTimeout(wait.timer);
    this.pending.delete(key);
    const cut = key.indexOf('|');
    for (const button of buttonsWith(this.chat, key.slice(0, cut), key.slice(cut + 1))) spin(button, false);
  }

  // After a lost connection: was the press answered meanwhile?
  async askAnswer(key, id) {
    try {
      const answer = await door.callback(id);
      if (answer.answered && this.pending.has(key)) this.answered({ ...answer, callback_query_id: id });
    } catch {
      this.finish(key);
    }
  }

  openLink(address) {
    const meaning = meaningOf(address, this.bot?.username);
    if (meaning.kind === 'invoice') this.payLink(meaning.link);
    else if (meaning.kind === 'start') this.actions.sendText(meaning.payload ? `/start ${meaning.payload}` : '/start');
    else if (meaning.kind === 'bot') this.list.toBottom();
    else if (meaning.kind === 'bad') toast(this.area, meaning.reason, { bad: true });
    else window.open(meaning.href, '_blank', 'noopener,noreferrer');
  }

  payInvoice(message) {
    if (message.paid) toast(this.area, 'This invoice is already paid.');
    else pay(this, message.invoice, (tip) => door.pay(this.id, this.botId, message.message_id, tip), message.suggested_tip_amounts);
  }

  async payLink(link) {
    try {
      const { invoice, suggested_tip_amounts: tips } = await door.invoice(link);
      pay(this, invoice, (tip) => door.payLink(this.id, link, tip), tips);
    } catch (error) {
      toast(this.area, error.message, { bad: true });
    }
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(this.area, 'Copied');
    } catch {
      toast(this.area, `Copy this: ${text}`);
    }
  }

  async setBlocked(blocked) {
    await this.act(() => (blocked ? door.block(this.id, this.botId) : door.unblock(this.id, this.botId)));
    this.reload();
  }

  async read() {
    if (!this.bot || !this.unread || !this.isReading()) return;
    await door.read(this.id, this.bot.id);
    this.setUnread(0);
  }

  clicked(event) {
    const target = event.target;
    const spoiler = target.closest('.tg-spoiler:not(.shown)');
    if (spoiler) {
      spoiler.classList.add('shown');
      spoiler.removeAttribute('role');
      spoiler.removeAttribute('aria-label');
      event.preventDefault();
      return;
    }
    const fold = target.closest('blockquote[aria-expanded]');
    if (fold && !target.closest('a')) {
      fold.setAttribute('aria-expanded', String(!fold.classList.toggle('folded')));
      return;
    }
    const link = target.closest('a');
    if (link) {
      if (link.dataset.plain) return;
      event.preventDefault();
      if (link.dataset.command) this.actions.sendText(link.dataset.command);
      else this.openLink(link.getAttribute('href'));
      return;
    }
    const code = target.closest('.copyable');
    if (code) {
      this.copy(code.textContent);
      return;
    }
    if (target.closest('button') || String(window.getSelection())) return;
    const bubble = target.closest('.message:not(.service-line)');
    if (bubble && bubble.dataset.messageId && this.list.messages.get(Number(bubble.dataset.messageId))?.out) openMessageMenu(this, bubble, event);
  }

  contextMenu(event) {
    const bubble = event.target.closest('[data-message-id]:not(.service-line)');
    if (!bubble || event.target.closest('a')) return;
    event.preventDefault();
    openMessageMenu(this, bubble, event);
  }

  chatKey(event) {
    const spoiler = event.target.closest('.tg-spoiler[role], blockquote[aria-expanded]');
    if (spoiler && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      spoiler.click();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      this.list.step(event.key === 'ArrowUp' ? -1 : 1);
    } else if (event.key === 'Enter' && event.target.matches('.message[data-message-id]:not(.service-line)')) {
      event.preventDefault();
      openMessageMenu(this, event.target, null);
    }
  }

  // ---- what is shown

  keyboardChanged() {
    this.composer.setKeyboard(this.keyboard.exists, this.keyboard.shown);
    this.composer.setPlaceholder(this.keyboard.placeholder);
  }

  showStatus(typing) {
    clearTimeout(this.typingTimer);
    this.status.classList.toggle('typing', Boolean(typing));
    if (typing) {
      this.status.replaceChildren('typing', h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')));
      this.typingTimer = setTimeout(() => this.showStatus(false), 6000);
    } else this.status.textContent = this.bot ? `@${this.bot.username || 'bot'}` : 'waiting for a bot';
  }

  showEmpty() {
    const empty = this.list.rows.length === 0;
    this.empty.hidden = !empty;
    if (empty) {
      const words = this.bot ? this.bot.description || this.bot.short_description || `Say hello to ${this.bot.first_name}.` : 'Start the bot: it appears here with its first call to the emulator.';
      this.empty.replaceChildren(h('div', { class: 'empty-card' }, avatar(initials(this.bot?.first_name || '?'), 0, 'large'),
        h('h3', {}, this.bot ? 'What can this bot do?' : 'No bot yet'), h('p', { dir: 'auto' }, words)));
    }
    this.startButton.hidden = !this.bot || this.blocked || this.started || !empty;
    this.unblockButton.hidden = !this.blocked;
    this.foot.hidden = this.blocked;
    this.keyboard.root.classList.toggle('off', this.blocked);
  }

  isReading() {
    return this.seen && document.visibilityState === 'visible' && this.list.isAtBottom();
  }

  scrolled() {
    this.down.hidden = this.list.isAtBottom();
    if (this.unread && this.isReading()) this.markRead();
  }

  setSeen(seen) {
    this.seen = seen;
    this.scrolled();
  }

  setUnread(count) {
    this.unread = count;
    for (const badge of [this.badge, this.downCount]) {
      badge.hidden = count === 0;
      badge.textContent = count > 99 ? '99+' : String(count);
    }
    this.page.unreadChanged();
  }
}
