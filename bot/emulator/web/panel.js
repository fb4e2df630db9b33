// The Traffic panel: every call the bot makes, with its outcome; errors and unknown fields in red.

import { coalesce, h, timeOf } from './dom.js';
import { door } from './door.js';
import { icon } from './icons.js';

const MOST_ROWS = 300;
const QUIET = new Set(['getupdates']);

export class TrafficPanel {
  constructor(root, { onBadge, onClose }) {
    this.root = root;
    this.onBadge = onBadge;
    this.calls = [];
    this.lastN = 0;
    this.bad = 0;
    this.filter = 'all';
    this.open = false;
    this.rows = h('ol', { class: 'calls', 'aria-label': 'Calls, newest first', tabindex: '0' });
    this.problems = h('div', { class: 'problems', hidden: true });
    this.none = h('p', { class: 'calls-none' }, 'No calls yet.');
    const choice = (value, label) => h('button', { type: 'button', class: 'filter', 'aria-pressed': String(value === 'all'), data: { filter: value },
      onclick: () => this.setFilter(value) }, label);
    this.filters = h('div', { class: 'filters', role: 'group', 'aria-label': 'Show' }, choice('all', 'Calls'), choice('bad', 'Refused'), choice('every', 'With getUpdates'));
    this.method = h('input', { class: 'field-input', type: 'search', placeholder: 'Method, like sendPhoto', 'aria-label': 'Method', oninput: () => this.draw() });
    this.bot = h('select', { class: 'field-input', 'aria-label': 'Bot', hidden: true, onchange: () => this.draw() });
    this.narrow = h('div', { class: 'traffic-search' }, this.method, this.bot);
    root.append(h('header', { class: 'traffic-head' }, h('h2', {}, 'Traffic'),
      h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Close traffic', onclick: onClose }, icon('close', 20))),
    this.filters, this.narrow, this.problems, this.none, this.rows);
    this.refreshProblems = coalesce(() => this.loadProblems(), 400);
  }

  setOpen(open) {
    this.open = open;
    this.root.hidden = !open;
    if (open) this.draw();
  }

  // Which bots there are to choose from; with one there is nothing to choose.
  setBots(bots) {
    const { value } = this.bot;
    this.bot.hidden = bots.length < 2;
    this.bot.replaceChildren(h('option', { value: '' }, 'All bots'),
      ...bots.map((bot) => h('option', { value: bot.id, selected: String(bot.id) === value }, bot.username ? `@${bot.username}` : bot.first_name)));
  }

  setFilter(value) {
    this.filter = value;
    for (const button of this.filters.children) button.setAttribute('aria-pressed', String(button.dataset.filter === value));
    this.draw();
  }

  async load() {
    const { calls } = await door.traffic(0);
    this.calls = [];
    this.lastN = 0;
    this.bad = 0;
    for (const call of calls) this.keep(call);
    if (this.open) this.draw();
    this.onBadge(this.bad);
    this.refreshProblems();
  }

  add(call) {
    if (!call || call.n <= this.lastN) return;
    this.keep(call);
    if (isBad(call)) {
      this.onBadge(this.bad);
      this.refreshProblems();
    }
    if (!this.open || !this.matches(call)) return;
    this.none.hidden = true;
    this.rows.prepend(rowOf(call));
    if (this.rows.childElementCount > MOST_ROWS) this.rows.lastElementChild.remove();
  }

  keep(call) {
    this.lastN = Math.max(this.lastN, call.n);
    this.calls.push(call);
    if (this.calls.length > 1000) this.calls.shift();
    if (isBad(call)) this.bad += 1;
  }

  matches(call) {
    const method = this.method.value.trim().toLowerCase();
    if (method && !String(call.method).toLowerCase().includes(method)) return false;
    if (this.bot.value && String(call.bot) !== this.bot.value) return false;
    if (this.filter === 'bad') return isBad(call);
    return this.filter === 'every' || isBad(call) || method || !QUIET.has(String(call.method).toLowerCase());
  }

  draw() {
    const shown = this.calls.filter((call) => this.matches(call)).slice(-MOST_ROWS).reverse();
    this.rows.replaceChildren(...shown.map(rowOf));
    this.none.hidden = shown.length > 0;
  }

  async loadProblems() {
    const { unknown_methods: methods, unknown_fields: fields } = await door.problems();
    const lines = [
      ...methods.map((method) => `Unknown method ${method}`),
      ...fields.map((entry) => `Unknown field ${entry.field} in ${entry.method}`),
    ];
    this.problems.hidden = lines.length === 0;
    this.problems.replaceChildren(...lines.map((line) => h('p', {}, line)));
  }
}

function isBad(call) {
  return !call.ok || call.unknown_fields?.length > 0;
}

function subject(params) {
  const words = params?.text ?? params?.caption ?? params?.callback_query_id ?? params?.action ?? '';
  const chat = params?.chat_id ? `${params.chat_id} ` : '';
  return `${chat}${typeof words === 'string' ? words.replace(/\s+/g, ' ').slice(0, 70) : ''}`.trim();
}

function details(call) {
  const answer = call.ok ? call.result : { error_code: call.error_code, description: call.description };
  const part = (title, value) => [h('h3', { class: 'call-part' }, title), h('pre', { tabindex: '0', 'aria-label': title }, JSON.stringify(value, null, 1))];
  return [...part('Fields', call.params ?? {}), ...(answer === undefined ? [] : part('Answer', answer))];
}

function rowOf(call) {
  const detail = h('details', { class: 'call-detail' }, h('summary', {},
    h('span', { class: 'call-method' }, call.method),
    h('span', { class: `call-outcome ${call.ok ? 'good' : 'bad'}` }, call.ok ? 'ok' : String(call.error_code || 'error')),
    h('span', { class: 'call-ms' }, `${Math.round(call.ms)} ms`),
    call.at ? h('time', { class: 'call-at', datetime: new Date(call.at * 1000).toISOString() }, timeOf(call.at, true)) : null,
    h('span', { class: 'call-subject', dir: 'auto' }, subject(call.params)),
    call.ok ? null : h('span', { class: 'call-error' }, call.description || 'no description'),
    call.unknown_fields?.length ? h('span', { class: 'call-error' }, `unknown: ${call.unknown_fields.join(', ')}`) : null));
  detail.addEventListener('toggle', () => {
    if (detail.open && !detail.querySelector('pre')) detail.append(...details(call));
  });
  return h('li', { class: isBad(call) ? 'call is-bad' : 'call', data: { method: call.method } }, detail);
}
