// The bottom of a phone: text box, command list, attach menu, and the bar for editing or replying.

import { h } from './dom.js';
import { kindOf } from './drop.js';
import { plain } from './html.js';
import { icon } from './icons.js';
import { openMenu } from './overlay.js';

const PICTURES = 'image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif';

export class Composer {
  constructor(host, actions, listId) {
    this.host = host;
    this.actions = actions;
    this.commands = [];
    this.shownCommands = [];
    this.chosen = -1;
    this.editing = null;
    this.replying = null;
    this.build(listId);
  }

  build(listId) {
    const picker = (name, props) => h('input', {
      type: 'file', class: name, multiple: true, tabindex: '-1', hidden: true, ...props,
      onchange: (event) => {
        const files = [...event.target.files];
        event.target.value = '';
        if (files.length) this.sendFiles(name === 'file-input' ? 'documents' : name === 'video-input' ? 'video' : 'photos', files);
      },
    });
    this.photoInput = picker('photo-input', { accept: PICTURES, 'aria-label': 'Photos' });
    this.cameraInput = picker('camera-input', { accept: 'image/*', capture: 'environment', multiple: false, 'aria-label': 'Camera' });
    this.fileInput = picker('file-input', { 'aria-label': 'Files' });
    this.videoInput = picker('video-input', { accept: 'video/*', multiple: false, 'aria-label': 'Video' });
    this.text = h('textarea', {
      class: 'composer', rows: '1', placeholder: 'Message', 'aria-label': 'Message', dir: 'auto', enterkeyhint: 'send', maxlength: 4096,
      'aria-controls': listId, 'aria-autocomplete': 'list',
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onpaste: (event) => this.paste(event),
      onblur: () => setTimeout(() => this.hideCommands(), 150),
    });
    this.menuButton = h('button', { class: 'icon-button bot-menu', type: 'button', 'aria-label': 'Commands', 'aria-expanded': 'false', hidden: true,
      onclick: () => (this.shownCommands.length ? this.hideCommands() : this.showCommands('')) }, icon('menu', 20));
    this.keyboardButton = h('button', { class: 'icon-button keyboard-toggle', type: 'button', 'aria-label': 'Show or hide the bot keyboard', hidden: true,
      onclick: () => this.actions.toggleKeyboard() }, icon('keyboard', 24));
    this.attachButton = h('button', { class: 'icon-button attach', type: 'button', 'aria-label': 'Attach', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
      onclick: () => this.openAttach() }, icon('attach', 23));
    this.sendButton = h('button', { class: 'icon-button send', type: 'button', 'aria-label': 'Send', disabled: true, onclick: () => this.submit() }, icon('send', 22));
    this.list = h('div', { class: 'command-list', id: listId, role: 'listbox', 'aria-label': 'Commands', hidden: true });
    this.bar = h('div', { class: 'context-bar', hidden: true });
    this.host.append(this.list, this.bar, h('div', { class: 'composer-line' }, this.menuButton,
      h('div', { class: 'composer-box' }, this.text, this.keyboardButton, this.attachButton), this.sendButton),
    this.photoInput, this.cameraInput, this.fileInput, this.videoInput);
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  setCommands(commands) {
    this.commands = commands || [];
    this.menuButton.hidden = this.commands.length === 0;
    const typed = /^\/(\w*)$/.exec(this.text.value);
    if (this.shownCommands.length || (typed && document.activeElement === this.text)) this.showCommands(typed?.[1] || '');
  }

  setPlaceholder(text) {
    this.text.placeholder = text || 'Message';
  }

  setKeyboard(exists, shown) {
    this.keyboardButton.hidden = !exists;
    this.keyboardButton.setAttribute('aria-pressed', String(shown));
  }

  changed() {
    this.sendButton.disabled = this.text.value.trim() === '';
    this.text.style.height = 'auto';
    this.text.style.height = `${Math.min(this.text.scrollHeight, 150)}px`;
    const typed = /^\/(\w*)$/.exec(this.text.value);
    if (typed && !this.editing) this.showCommands(typed[1]);
    else this.hideCommands();
  }

  setText(text) {
    this.text.value = text;
    this.changed();
  }

  showCommands(prefix) {
    this.shownCommands = this.commands.filter((command) => command.command.startsWith(prefix.toLowerCase()));
    this.chosen = -1;
    this.text.removeAttribute('aria-activedescendant');
    this.list.replaceChildren(...this.shownCommands.map((command, index) => h('button', {
      class: 'command-item', type: 'button', role: 'option', id: `${this.list.id}-${index}`, tabindex: '-1', 'aria-selected': 'false',
      onmousedown: (event) => event.preventDefault(), onclick: () => this.runCommand(command),
    }, h('b', {}, `/${command.command}`), h('span', { dir: 'auto' }, command.description))));
    this.list.hidden = this.shownCommands.length === 0;
    this.menuButton.setAttribute('aria-expanded', String(!this.list.hidden));
    if (!this.list.hidden) this.focus();
  }

  hideCommands() {
    this.shownCommands = [];
    this.list.hidden = true;
    this.menuButton.setAttribute('aria-expanded', 'false');
    this.text.removeAttribute('aria-activedescendant');
  }

  runCommand(command) {
    this.hideCommands();
    if (/^\/\w*$/.test(this.text.value)) this.setText('');
    this.actions.sendText(`/${command.command}`);
  }

  choose(step) {
    const count = this.shownCommands.length;
    this.chosen = this.chosen === -1 ? (step > 0 ? 0 : count - 1) : (this.chosen + step + count) % count;
    [...this.list.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === this.chosen)));
    this.text.setAttribute('aria-activedescendant', `${this.list.id}-${this.chosen}`);
    this.list.children[this.chosen].scrollIntoView({ block: 'nearest' });
  }

  key(event) {
    if (event.isComposing) return;
    const listed = this.shownCommands.length > 0;
    if (listed && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.choose(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (listed && this.chosen >= 0) this.runCommand(this.shownCommands[this.chosen]);
      else this.submit();
    } else if (event.key === 'Escape') {
      if (listed) this.hideCommands();
      else this.cancel();
    } else if (event.key === 'ArrowUp' && this.text.value === '' && !this.editing) {
      const last = this.actions.lastOwnText();
      if (last) {
        event.preventDefault();
        this.edit(last);
      }
    }
  }

  paste(event) {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    this.sendFiles(kindOf(files), files);
  }

  edit(message) {
    this.editing = message;
    this.replying = null;
    this.showBar('edit', 'Edit message', plain(message));
    this.setText(message.text);
    this.focus();
  }

  reply(message) {
    if (this.editing) this.setText('');
    this.editing = null;
    this.replying = message;
    this.showBar('reply', 'Reply', plain(message));
    this.focus();
  }

  showBar(glyph, title, text) {
    this.bar.replaceChildren(icon(glyph, 20), h('div', { class: 'context-words' }, h('b', {}, title), h('span', { dir: 'auto' }, text)),
      h('button', { class: 'icon-button', type: 'button', 'aria-label': `Stop: ${title.toLowerCase()}`, onclick: () => this.cancel() }, icon('close', 20)));
    this.bar.hidden = false;
  }

  cancel() {
    if (this.editing) this.setText('');
    this.editing = null;
    this.replying = null;
    this.bar.hidden = true;
  }

  async submit() {
    const text = this.text.value.trim();
    if (!text) return;
    const { editing, replying } = this;
    this.editing = null;
    this.cancel();
    this.setText('');
    const sent = editing ? await this.actions.editText(editing.message_id, text) : await this.actions.sendText(text, replying?.message_id);
    if (sent || this.text.value) return;
    if (editing) this.edit(editing);
    this.setText(text);
  }

  async sendFiles(kind, files) {
    const caption = this.editing ? '' : this.text.value.trim();
    if (caption) this.setText('');
    const sent = await this.actions.sendFiles(kind, files, caption);
    if (!sent && caption && !this.text.value) this.setText(caption);
  }

  openAttach() {
    const { actions } = this;
    const items = [
      { label: 'Photos', glyph: 'photo', run: () => this.photoInput.click() },
      { label: 'Camera', glyph: 'camera', run: () => this.cameraInput.click() },
      { label: 'File', glyph: 'file', run: () => this.fileInput.click() },
      { label: 'Video', glyph: 'video', run: () => this.videoInput.click() },
      { label: 'Voice message', glyph: 'voice', run: () => actions.sendVoice() },
      { label: 'Sticker', glyph: 'sticker', run: () => actions.sendSticker() },
      { label: 'Location', glyph: 'location', run: () => actions.shareLocation() },
      { label: 'My contact', glyph: 'contact', run: () => actions.shareContact() },
    ];
    openMenu(this.actions.screen(), this.attachButton, items, 'Attach');
  }
}
