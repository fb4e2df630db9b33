// Paying an invoice: the sheet with the amount and the Stars of its person, the wait for the bot, and how it ended.

import { h } from './dom.js';
import { door } from './door.js';
import { modal } from './overlay.js';

const ASK_EVERY_MS = 700;
const GIFT = 500;
const ENDS = { paid: 'Paid', refused: 'The bot refused the payment', expired: 'The bot did not answer in time' };

// Telegram's currencies have two decimals, save a few.
const WHOLE = new Set(['JPY', 'KRW', 'VND', 'CLP', 'ISK', 'UGX', 'PYG', 'XAF', 'XOF']);

export function amountOf({ total_amount: amount, currency }) {
  if (currency === 'XTR') return `⭐ ${amount}`;
  return WHOLE.has(currency) ? `${amount} ${currency}` : `${(amount / 100).toFixed(2)} ${currency}`;
}

// Opens the sheet. `begin(tip)` presses Pay and gives the id of the checkout; `tips` are what the bot suggests.
export async function pay(phone, invoice, begin, tips = []) {
  const isStars = invoice.currency === 'XTR';
  const { stars = 0 } = (await door.people().catch(() => [])).find((person) => person.id === phone.id) || {};
  await modal(phone.screen, invoice.title || 'Invoice', (close) => {
    const state = h('p', { class: 'pay-state', role: 'status' });
    const balance = h('p', { class: 'pay-balance' });
    const rows = h('div', { class: 'pay-amount' }, h('span', {}, 'To pay'), h('b', {}, amountOf(invoice)));
    const gift = h('button', { type: 'button', class: 'pay-gift', hidden: true }, `Get ${GIFT} Stars`);
    const confirm = h('button', { type: 'button', class: 'primary pay-confirm', data: { first: '' } }, `Pay ${amountOf(invoice)}`);
    const cancel = h('button', { type: 'button', class: 'pay-cancel', onclick: () => close(null) }, 'Cancel');
    let owned = stars;
    let tip = 0;
    const total = () => ({ ...invoice, total_amount: invoice.total_amount + tip });
    const tipButtons = tips.map((amount) => h('button', { type: 'button', class: 'pay-tip', 'aria-pressed': 'false', onclick: () => {
      tip = tip === amount ? 0 : amount;
      tipButtons.forEach((button, index) => button.setAttribute('aria-pressed', String(tips[index] === tip)));
      draw();
    } }, amountOf({ ...invoice, total_amount: amount })));
    const draw = () => {
      rows.lastChild.textContent = amountOf(total());
      confirm.textContent = `Pay ${amountOf(total())}`;
      const enough = !isStars || owned >= invoice.total_amount;
      balance.textContent = isStars ? `Your Stars: ⭐ ${owned}` : 'No money moves here: the card is made up.';
      gift.hidden = enough;
      confirm.disabled = !enough;
    };
    gift.addEventListener('click', async () => {
      try {
        owned = (await door.giveStars(phone.id, GIFT)).stars;
        draw();
        confirm.focus();
      } catch (error) {
        state.textContent = error.message;
      }
    });
    confirm.addEventListener('click', async () => {
      confirm.disabled = true;
      state.dataset.state = 'waiting';
      state.replaceChildren(h('span', { class: 'spinner inline', 'aria-hidden': 'true' }), ' Waiting for the bot …');
      for (const button of tipButtons) button.disabled = true;
      const end = await outcome(() => begin(tip), state);
      state.dataset.state = end.state;
      state.textContent = [ENDS[end.state], end.error_message].filter(Boolean).join(': ');
      cancel.textContent = 'Close';
      confirm.hidden = true;
      cancel.focus();
    });
    draw();
    return [h('p', { class: 'dialog-text', dir: 'auto' }, invoice.description || ''),
      tips.length ? h('div', { class: 'pay-tips', role: 'group', 'aria-label': 'Tip' }, h('span', {}, 'Tip'), ...tipButtons) : '', rows, balance, state,
      h('div', { class: 'dialog-buttons' }, gift, cancel, confirm)];
  }, { className: 'pay-sheet' });
}

async function outcome(begin, state) {
  let number = null;
  while (state.isConnected) {
    try {
      number ??= (await begin()).pre_checkout_query_id;
      const now = await door.payment(number);
      if (now.state !== 'waiting') return now;
    } catch (error) {
      if (error.status) return { state: 'refused', error_message: error.message };
    }
    await new Promise((resolve) => { setTimeout(resolve, ASK_EVERY_MS); });
  }
  return { state: 'waiting' };
}
