// What a person can send besides text: files, a sticker, a voice message, the place they are at, their own contact.

import { h } from './dom.js';
import { door } from './door.js';
import { formBox, toast } from './overlay.js';

const WORDS = { photos: ['photo', 'photos'], documents: ['file', 'files'], video: ['video', 'videos'] };

function sendingRow(kind, count) {
  const [one, many] = WORDS[kind];
  return h('div', { class: 'row out sending', 'aria-hidden': 'true' },
    h('div', { class: 'stack' }, h('div', { class: 'message words' }, h('span', { class: 'spinner inline' }), `Sending ${count === 1 ? `a ${one}` : `${count} ${many}`}…`)));
}

export function shareOf(phone) {
  const say = (text) => toast(phone.area, text);
  return {
    async sendFiles(kind, files, caption) {
      const waiting = sendingRow(kind, files.length);
      phone.chat.append(waiting);
      phone.list.toBottom();
      const sent = await phone.act(() => door[kind](phone.id, phone.botId, files, caption));
      waiting.remove();
      return sent;
    },

    sendSticker: () => phone.act(() => door.sticker(phone.id, phone.botId)),

    sendVoice: () => phone.act(() => door.voice(phone.id, phone.botId, 4)),

    async shareContact() {
      const { person } = phone;
      let number = person.phone;
      if (!number) {
        const answer = await formBox(phone.screen, 'Share your phone number',
          [{ name: 'phone', label: 'Phone number', type: 'tel', required: true, first: true, placeholder: '+923001234567' }], 'Share');
        if (!answer) return null;
        number = answer.phone;
      }
      return phone.act(() => door.contact(phone.id, phone.botId, { phone_number: number, first_name: person.first_name, user_id: person.id }));
    },

    async shareLocation() {
      const answer = await formBox(phone.screen, 'Send a location', [
        { name: 'latitude', label: 'Latitude', value: '24.8607', required: true, first: true },
        { name: 'longitude', label: 'Longitude', value: '67.0011', required: true },
      ], 'Send');
      if (!answer) return null;
      const latitude = Number(answer.latitude);
      const longitude = Number(answer.longitude);
      if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
        say('Latitude is -90 to 90, longitude -180 to 180');
        return null;
      }
      return phone.act(() => door.location(phone.id, phone.botId, latitude, longitude));
    },
  };
}
