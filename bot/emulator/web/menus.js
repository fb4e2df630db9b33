// The menus of a phone: of one message (reply, edit, copy) and of the chat (block, start link, remove).

import { nameOf } from './dom.js';
import { door } from './door.js';
import { confirmBox, formBox, openMenu } from './overlay.js';

export function openMessageMenu(phone, bubble, event) {
  const message = phone.list.messages.get(Number(bubble.dataset.messageId));
  if (!message) return;
  const items = [{ label: 'Reply', glyph: 'reply', run: () => phone.composer.reply(message) }];
  if (message.out && message.text) items.push({ label: 'Edit', glyph: 'edit', run: () => phone.composer.edit(message) });
  const text = message.text || message.caption;
  if (text) items.push({ label: 'Copy text', glyph: 'copy', run: () => phone.copy(text) });
  const anchor = bubble.closest('.message') || bubble;
  openMenu(phone.screen, anchor, items, 'Message', event ? { x: event.clientX, y: event.clientY } : null);
}

export function openHeaderMenu(phone) {
  openMenu(phone.screen, phone.menu, [
    phone.blocked ? { label: 'Unblock bot', glyph: 'block', run: () => phone.setBlocked(false) }
      : { label: 'Block bot', glyph: 'block', danger: true, run: () => phone.setBlocked(true) },
    { label: 'Open a start link', glyph: 'link', run: () => askStart(phone) },
    { label: 'Remove this person', glyph: 'trash', danger: true, run: () => askRemove(phone) },
  ], 'Chat menu');
}

async function askStart(phone) {
  const answer = await formBox(phone.screen, 'Open a start link',
    [{ name: 'payload', label: 'Payload, or a whole t.me link', required: true, first: true, max: 200, placeholder: 'job_a1b2' }], 'Open');
  if (!answer) return;
  const typed = answer.payload.trim();
  phone.openLink(/[:/]/.test(typed) ? typed : `https://t.me/${phone.bot?.username}?start=${encodeURIComponent(typed)}`);
}

async function askRemove(phone) {
  const sure = await confirmBox(phone.screen, `Remove ${nameOf(phone.person)}?`,
    'The person and the chat disappear from the emulator. What the bot stored about them stays.', 'Remove');
  if (sure) await phone.act(() => door.removePerson(phone.id));
}
