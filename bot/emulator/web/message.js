// One row of a chat: a message bubble, an album of several messages, or a line of service text.

import { dayOf, h, timeOf } from './dom.js';
import { formatted, plain } from './html.js';
import { icon } from './icons.js';
import { inlineKeyboard } from './keyboard.js';
import { mediaOf } from './media.js';
import { amountOf } from './pay.js';

export function rowKey(message) {
  return message.media_group_id ? `group:${message.media_group_id}` : `message:${message.message_id}`;
}

function serviceText(message) {
  if (message.pinned_message) return `pinned “${plain(message.pinned_message).slice(0, 36).trim()}…”`;
  if (message.new_chat_members) return 'joined the chat';
  if (message.left_chat_member) return 'left the chat';
  if (message.successful_payment) return `You paid ${amountOf(message.successful_payment)}`;
  if (message.refunded_payment) return `You got ${amountOf(message.refunded_payment)} back`;
  if (message.users_shared || message.chat_shared) return 'shared a chat';
  if (message.write_access_allowed) return 'allowed the bot to write';
  return null;
}

function meta(message) {
  const box = h('span', { class: 'meta' });
  if (message.silent) box.append(h('span', { class: 'silent', role: 'img', 'aria-label': 'Sent silently', title: 'Sent silently' }, icon('silent', 14)), ' ');
  if (message.edit_date) box.append(h('span', { class: 'edited' }, 'edited'), ' ');
  box.append(h('time', { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)));
  if (message.out) box.append(h('span', { class: 'ticks' }, icon('check', 16)));
  return box;
}

function quote(message, actions) {
  const original = message.reply_to_message;
  if (!original) return null;
  const author = actions.isOwn(original) ? 'You' : actions.botName();
  return h('button', {
    class: 'quote', type: 'button', 'aria-label': `In reply to ${author}: ${plain(original).slice(0, 80)}`,
    onclick: () => actions.goTo(original.message_id),
  }, h('b', {}, author), h('span', { dir: 'auto' }, message.quote?.text || plain(original)));
}

function forwardedFrom(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user?.first_name || origin.sender_user_name || origin.chat?.title || origin.sender_chat?.title || 'someone';
  return h('div', { class: 'forwarded' }, `Forwarded from ${name}`);
}

// -> the row element for one message or for the messages of one album, oldest first.
export function renderRow(messages, previousDate, actions) {
  const first = messages[0];
  const last = messages[messages.length - 1];
  const row = h('div', { class: `row ${first.out ? 'out' : 'in'}` });
  const day = dayOf(first.date);
  if (previousDate === null || dayOf(previousDate) !== day) row.append(h('div', { class: 'day' }, h('span', {}, day)));
  const service = messages.length === 1 ? serviceText(first) : null;
  if (service) {
    row.classList.add('service');
    row.append(h('div', { class: 'message service-line', data: { messageId: first.message_id, revision: first.revision || 0 }, tabindex: '-1' },
      first.pinned_message ? `${actions.isOwn(first) ? 'You' : actions.botName()} ${service}` : service));
    return row;
  }
  const keyboard = inlineKeyboard(last, actions);
  row.append(h('div', { class: keyboard ? 'stack with-keyboard' : 'stack' },
    messages.length > 1 ? album(messages, actions) : single(first, actions), keyboard));
  return row;
}

function shell(message, kind, withId) {
  const props = { class: `message ${kind}`, tabindex: '-1', role: 'article' };
  if (withId) props.data = { messageId: message.message_id, revision: message.revision || 0 };
  return h('div', props, h('span', { class: 'sr-only' }, message.out ? 'You: ' : 'Bot: '));
}

function words(message) {
  const text = h('div', { class: 'text', dir: 'auto' });
  text.append(formatted(message));
  return text;
}

function single(message, actions) {
  const media = mediaOf(message, actions);
  const hasText = Boolean(message.text || message.caption);
  const bare = Boolean(message.sticker || message.dice);
  const kind = bare ? 'bare' : message.photo && !hasText && !message.reply_to_message ? 'picture-only' : message.photo ? 'picture' : 'words';
  const bubble = shell(message, kind, true);
  const above = message.show_caption_above_media && hasText && media;
  for (const part of [forwardedFrom(message), quote(message, actions), above ? words(message) : media]) if (part) bubble.append(part);
  if (above) bubble.append(media);
  else if (hasText) bubble.append(words(message));
  if (!media && !hasText) bubble.append(h('div', { class: 'text unknown' }, 'A message of a kind this page does not draw'));
  bubble.append(meta(message));
  return bubble;
}

function album(messages, actions) {
  const pictures = messages.every((message) => message.photo || message.video);
  const captions = messages.filter((message) => message.caption);
  const bubble = shell(messages[0], pictures ? `picture album${captions.length ? '' : ' picture-only'}` : 'words album', false);
  bubble.setAttribute('aria-label', `Album of ${messages.length}`);
  const top = quote(messages[0], actions);
  if (top) bubble.append(top);
  const grid = h('div', { class: pictures ? `grid of-${Math.min(messages.length, 10)}` : 'file-list' });
  messages.forEach((message, index) => {
    const tile = h('div', { class: 'tile', data: { messageId: message.message_id, revision: message.revision || 0 } });
    tile.append(mediaOf(message, actions, index, messages.length) || '');
    if (!pictures && message.caption) tile.append(words(message));
    grid.append(tile);
  });
  bubble.append(grid);
  if (pictures && captions.length) bubble.append(words(captions[0]));
  bubble.append(meta(messages[messages.length - 1]));
  return bubble;
}
