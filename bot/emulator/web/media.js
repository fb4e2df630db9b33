// What a message carries besides text: photos, files, sticker, voice, video, contact and place.

import { avatar, durationOf, h, initials, sizeOf } from './dom.js';
import { door } from './door.js';
import { icon } from './icons.js';
import { amountOf } from './pay.js';

// The smallest photo size that is still sharp in a bubble, and the largest for the viewer.
function pick(sizes) {
  const ordered = [...sizes].sort((a, b) => a.width - b.width);
  return { shown: ordered.find((size) => size.width >= 640) || ordered[ordered.length - 1], full: ordered[ordered.length - 1] };
}

function photo(message, actions, label) {
  const { shown, full } = pick(message.photo);
  const image = h('img', {
    src: door.fileUrl(shown.file_unique_id), alt: label, width: shown.width, height: shown.height,
    decoding: 'async', draggable: 'false',
  });
  const ratio = Math.min(2.2, Math.max(0.7, shown.width / shown.height || 1));
  const button = h('button', {
    class: `photo${message.has_media_spoiler ? ' spoiled' : ''}`, type: 'button', 'aria-label': `Open: ${label}`,
    onclick: () => {
      if (button.classList.contains('spoiled')) button.classList.remove('spoiled');
      else actions.showPhoto(door.fileUrl(full.file_unique_id), label, button);
    },
  }, image);
  button.style.setProperty('--photo-width', `${Math.round(Math.min(310, 340 * ratio))}px`);
  button.style.setProperty('--photo-ratio', ratio.toFixed(4));
  return button;
}

function photoLabel(message, index, total) {
  const caption = message.caption ? `: ${message.caption.slice(0, 80)}` : '';
  return total > 1 ? `Photo ${index + 1} of ${total}${caption}` : `Photo${caption}`;
}

function fileRow(file, glyph, name, detail) {
  const inside = [
    h('span', { class: 'file-mark' }, icon(glyph, 22)),
    h('span', { class: 'file-words' }, h('span', { class: 'file-name', dir: 'auto' }, name), h('span', { class: 'file-detail' }, detail)),
  ];
  if (!file?.file_unique_id) return h('div', { class: 'file' }, ...inside);
  return h('a', { class: 'file', href: door.fileUrl(file.file_unique_id), download: name, data: { plain: 'true' } }, ...inside);
}

function voice(message) {
  const bars = [];
  for (let i = 0; i < 26; i += 1) {
    const bar = h('i');
    bar.style.height = `${5 + ((message.message_id * 7 + i * i * 5 + i * 11) % 17)}px`;
    bars.push(bar);
  }
  return h('div', { class: 'voice', role: 'img', 'aria-label': `Voice message, ${durationOf(message.voice.duration)}` },
    h('span', { class: 'file-mark' }, icon('play', 20)),
    h('span', { class: 'wave' }, ...bars),
    h('span', { class: 'file-detail' }, durationOf(message.voice.duration)));
}

function place(message) {
  const { latitude, longitude } = message.location || message.venue.location;
  const words = `${Number(latitude).toFixed(4)}, ${Number(longitude).toFixed(4)}`;
  return h('div', { class: 'place', role: 'img', 'aria-label': `Location ${words}` },
    h('span', { class: 'map' }, icon('location', 34)),
    h('span', { class: 'place-words' }, h('b', {}, message.venue?.title || 'Location'), h('span', { class: 'file-detail' }, words)));
}

function contact(message) {
  const { first_name: first, last_name: last, phone_number: phone } = message.contact;
  const name = [first, last].filter(Boolean).join(' ') || 'Contact';
  return h('div', { class: 'contact' },
    avatar(initials(first, last), 4),
    h('span', { class: 'file-words' }, h('span', { class: 'file-name', dir: 'auto' }, name),
      h('span', { class: 'file-detail' }, phone.startsWith('+') ? phone : `+${phone}`)));
}

export function mediaOf(message, actions, index = 0, total = 1) {
  if (message.photo?.length) return photo(message, actions, photoLabel(message, index, total));
  if (message.sticker) {
    return h('div', { class: 'sticker', role: 'img', 'aria-label': `Sticker ${message.sticker.emoji || ''}`.trim() },
      message.sticker.emoji || icon('sticker', 72));
  }
  if (message.voice) return voice(message);
  if (message.video || message.animation || message.video_note) {
    const clip = message.video || message.animation || message.video_note;
    return h('div', { class: 'video', role: 'img', 'aria-label': `Video, ${durationOf(clip.duration)}` },
      h('span', { class: 'video-play' }, icon('play', 26)),
      h('span', { class: 'video-length' }, [durationOf(clip.duration), sizeOf(clip.file_size)].filter(Boolean).join(' · ')));
  }
  if (message.document) {
    const file = message.document;
    const glyph = (file.mime_type || '').startsWith('image/') ? 'photo' : 'file';
    return fileRow(file, glyph, file.file_name || 'File', [sizeOf(file.file_size), file.mime_type].filter(Boolean).join(' · '));
  }
  if (message.audio) return fileRow(message.audio, 'voice', message.audio.title || message.audio.file_name || 'Audio', durationOf(message.audio.duration));
  if (message.contact) return contact(message);
  if (message.location || message.venue) return place(message);
  if (message.invoice) {
    const { title, description } = message.invoice;
    return h('div', { class: 'invoice' }, h('b', { dir: 'auto' }, title || 'Invoice'), h('span', { dir: 'auto' }, description || ''),
      h('span', { class: 'file-detail' }, amountOf(message.invoice), message.paid ? h('b', { class: 'paid' }, ' · paid') : null));
  }
  if (message.dice) return h('div', { class: 'sticker', role: 'img', 'aria-label': `${message.dice.emoji} ${message.dice.value}` }, message.dice.emoji);
  return null;
}
