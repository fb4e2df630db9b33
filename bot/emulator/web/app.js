// Starts the page: loads bots and people, gives each person a phone, and hands events to the right one.

import { Clock } from './clock.js';
import { avatar, coalesce, h, initials, nameOf } from './dom.js';
import { door, listen } from './door.js';
import { icon } from './icons.js';
import { News } from './news.js';
import { openMenu, toast } from './overlay.js';
import { TrafficPanel } from './panel.js';
import { addReadyMade, askPerson, inOrder } from './people.js';
import { HUES, Phone } from './phone.js';
import { applyTheme, currentTheme, nextTheme } from './theme.js';
import { Tour } from './tour.js';

applyTheme();

const stage = document.querySelector('.stage');
const switchBar = document.querySelector('.switch-bar');
const actions = document.querySelector('.actions');
const connection = document.querySelector('.connection');
const narrow = matchMedia('(max-width: 759px)');
const phones = new Map();
const chips = new Map();
let bots = [];
let bot = null;
let active = null;
let online = false;

const page = {
  online: () => online,
  unreadChanged: coalesce(() => showUnread(), 16),
};

// ---- top bar

const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' };
const trafficBadge = h('span', { class: 'badge bad', hidden: true });
const trafficButton = h('button', { class: 'bar-button wide-only traffic-toggle', type: 'button', 'aria-pressed': 'false', onclick: () => toggleTraffic() },
  icon('traffic', 18), h('span', {}, 'Traffic'), trafficBadge);
const themeButton = h('button', { class: 'bar-button square wide-only theme-toggle', type: 'button', onclick: () => switchTheme() });
const addButton = h('button', { class: 'bar-button wide-only add-person', type: 'button', 'aria-label': 'Add person', title: 'Add person', onclick: () => addPerson() }, icon('plus', 18), h('span', {}, 'Add person'));
const botChoice = h('select', { class: 'bot-choice', 'aria-label': 'Bot', hidden: true, onchange: () => chooseBot(Number(botChoice.value)) });
const news = new News(document.querySelector('.news-place'));
const clock = new Clock({
  news: (text) => news.show('clock', '', text),
  nameOfPerson: (id) => phones.get(id)?.person.first_name || 'Somebody',
  onMoved: () => {
    for (const phone of phones.values()) phone.list.repaint();
  },
  onError: (error) => toast(document.body, error.message, { bad: true }),
});
clock.root.classList.add('wide-only');
const tourButton = h('button', { class: 'bar-button wide-only tour-start', type: 'button', hidden: true, onclick: () => toggleTour() }, icon('tour', 18), h('span', {}, 'Tour'));
const tour = new Tour({
  news,
  phone: (id) => phones.get(id),
  phones: () => [...phones.values()],
  activate: (id) => activate(id, false, true),
  changed: () => showTour(),
});
const moreButton = h('button', { class: 'icon-button narrow-only more', type: 'button', 'aria-label': 'Page menu', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
  onclick: () => openMenu(document.body, moreButton, [
    { label: clock.face.textContent, glyph: 'clock', disabled: true },
    ...clock.items(),
    ...(tour.there ? [{ label: tour.running ? 'End the tour' : 'Tour', glyph: 'tour', run: () => toggleTour() }] : []),
    { label: 'Traffic', glyph: 'traffic', run: () => toggleTraffic() },
    { label: `Theme: ${currentTheme()}`, glyph: THEME_ICONS[currentTheme()], run: () => switchTheme() },
    { label: 'Add a person', glyph: 'plus', run: () => addPerson() },
  ], 'Page menu') }, icon('more', 22));
actions.append(botChoice, clock.root, tourButton, trafficButton, themeButton, addButton, moreButton);

const traffic = new TrafficPanel(document.querySelector('.traffic'), {
  onBadge: (count) => {
    trafficBadge.hidden = count === 0;
    trafficBadge.textContent = count > 99 ? '99+' : String(count);
    trafficBadge.title = `${count} calls went wrong`;
  },
  onClose: () => toggleTraffic(),
});

function toggleTraffic() {
  traffic.setOpen(!traffic.open);
  trafficButton.setAttribute('aria-pressed', String(traffic.open));
  document.body.classList.toggle('with-traffic', traffic.open);
  if (!traffic.open && document.activeElement === document.body) (narrow.matches ? moreButton : trafficButton).focus();
}

function toggleTour() {
  if (tour.running) tour.stop();
  else tour.start();
}

function showTour() {
  tourButton.hidden = !tour.there;
  tourButton.setAttribute('aria-pressed', String(tour.running));
  document.body.classList.toggle('tour-running', tour.running);
  for (const [id, one] of chips) one.classList.toggle('tour-here', tour.running && tour.step.person === id);
}

function drawTheme() {
  themeButton.replaceChildren(icon(THEME_ICONS[currentTheme()], 18));
  themeButton.setAttribute('aria-label', `Theme: ${currentTheme()}`);
  themeButton.title = `Theme: ${currentTheme()}`;
}

function switchTheme() {
  nextTheme();
  drawTheme();
}

async function addPerson() {
  try {
    const person = await askPerson();
    if (!person) return;
    await loadPeople();
    activate(person.id, true);
  } catch (error) {
    toast(document.body, error.message, { bad: true });
  }
}

// ---- phones

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) phones.get(Number(entry.target.dataset.person))?.setSeen(entry.intersectionRatio >= 0.5);
}, { root: stage, threshold: [0, 0.5, 1] });

function activate(id, focus, show = focus) {
  if (!phones.has(id)) return;
  active = id;
  try {
    sessionStorage.setItem('phones-active', String(id));
  } catch {
    // Only forgets which phone was open.
  }
  for (const [key, phone] of phones) {
    phone.root.classList.toggle('active', key === id);
    chips.get(key).setAttribute('aria-pressed', String(key === id));
  }
  const phone = phones.get(id);
  if (narrow.matches) {
    if (phone.list.sticky) phone.list.toBottom();
  } else if (show) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    phone.root.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', inline: 'nearest', block: 'nearest' });
    if (focus) phone.composer.focus();
  }
}

// What a phone is drawn from; Stars come and go without a new phone.
function looksOf(person) {
  return JSON.stringify({ ...person, stars: null });
}

function chip(person) {
  return h('button', { class: 'switch', type: 'button', data: { switch: person.id }, 'aria-pressed': 'false', onclick: () => activate(person.id, true) },
    avatar(initials(person.first_name, person.last_name), HUES[person.role] || 4, 'small'),
    h('span', { class: 'switch-words' }, h('span', { class: 'switch-name' }, person.first_name), h('span', { class: 'switch-role' }, person.role || 'person')),
    h('span', { class: 'badge', hidden: true }));
}

async function loadPeople() {
  const people = inOrder(await door.people());
  const wanted = new Set(people.map((person) => person.id));
  for (const [id, phone] of [...phones]) {
    const now = people.find((person) => person.id === id);
    if (wanted.has(id) && looksOf(now) === looksOf(phone.person)) continue;
    seen.unobserve(phone.root);
    phone.root.remove();
    chips.get(id).remove();
    phones.delete(id);
    chips.delete(id);
  }
  for (const person of people) {
    if (phones.has(person.id)) continue;
    const phone = new Phone(person, page);
    phones.set(person.id, phone);
    chips.set(person.id, chip(person));
    phone.setBot(bot);
    phone.reload();
  }
  let at = 0;
  for (const person of people) {
    const { root } = phones.get(person.id);
    if (stage.children[at] !== root) stage.insertBefore(root, stage.children[at] || null);
    if (switchBar.children[at] !== chips.get(person.id)) switchBar.insertBefore(chips.get(person.id), switchBar.children[at] || null);
    seen.observe(root);
    at += 1;
  }
  stage.querySelector('.welcome')?.remove();
  if (people.length === 0) stage.append(welcome());
  if (!phones.has(active)) {
    let before = null;
    try {
      before = Number(sessionStorage.getItem('phones-active'));
    } catch {
      before = null;
    }
    activate(phones.has(before) ? before : people[0]?.id, false);
  } else activate(active, false);
  showUnread();
}

function welcome() {
  const button = h('button', { class: 'start-button', type: 'button', onclick: async () => {
    button.disabled = true;
    try {
      await addReadyMade();
      await loadPeople();
    } catch (error) {
      button.disabled = false;
      toast(document.body, error.message, { bad: true });
    }
  } }, 'Add three people');
  return h('div', { class: 'welcome' }, h('div', { class: 'welcome-card' }, icon('phone', 44), h('h2', {}, 'Nobody is here yet'),
    h('p', {}, 'Give a worker, an employer and a subscriber a phone each, with an operator beside them.'), button));
}

function showUnread() {
  let total = 0;
  for (const [id, phone] of phones) {
    total += phone.unread;
    const badge = chips.get(id).querySelector('.badge');
    badge.hidden = phone.unread === 0;
    badge.textContent = phone.unread > 99 ? '99+' : String(phone.unread);
    chips.get(id).setAttribute('aria-label', `${nameOf(phone.person)}, ${phone.person.role || 'person'}${phone.unread ? `, ${phone.unread} unread` : ''}`);
  }
  document.title = `${total ? `(${total}) ` : ''}Phones${bot ? ` · ${bot.first_name}` : ''}`;
}

// ---- bots

const loadBots = coalesce(async () => {
  bots = await door.bots();
  const kept = bots.find((other) => other.id === bot?.id) || bots[0] || null;
  traffic.setBots(bots);
  botChoice.hidden = bots.length < 2;
  botChoice.replaceChildren(...bots.map((other) => h('option', { value: other.id, selected: other.id === kept?.id }, other.first_name || `@${other.username}`)));
  if (JSON.stringify(kept) === JSON.stringify(bot)) return;
  chooseBot(kept?.id);
}, 60);

function chooseBot(id) {
  bot = bots.find((other) => other.id === id) || null;
  for (const phone of phones.values()) {
    phone.setBot(bot);
    phone.reload();
  }
  showUnread();
}

// ---- events

const reloadPeople = coalesce(() => loadPeople(), 60);

function onEvent(event) {
  if (event.type === 'people') {
    reloadPeople();
    if (event.bot) {
      loadBots();
      for (const phone of phones.values()) phone.reload();
    }
  } else if (event.type === 'reset') everything();
  else if (event.type === 'clock') clock.set(event.offset_seconds);
  else if (event.type === 'tour') tour.load();
  else if (event.type === 'call') {
    const call = event.call || event;
    traffic.add(call);
    if (!bots.some((other) => other.id === call.bot) || /^setmy(name|description|short)/i.test(call.method)) loadBots();
  }
  const phone = phones.get(Number(event.person));
  if (!phone || (event.bot && event.bot !== phone.botId)) return;
  if (event.type === 'message') clock.heard(event);
  tour.look();
  if (event.type === 'message' || event.type === 'edited') phone.receive(event.message);
  else if (event.type === 'deleted') phone.deleted(event.message_id);
  else if (event.type === 'callback_answer') phone.answered(event);
  else if (event.type === 'chat') phone.reload();
}

const everything = coalesce(async () => {
  loadBots();
  await loadPeople();
  await clock.load().catch(() => {});
  await Promise.all([traffic.load(), ...[...phones.values()].map((phone) => phone.load(true))]);
  await tour.load();
}, 20);

listen({
  onEvent,
  onOpen: () => {
    online = true;
    connection.hidden = true;
    everything();
  },
  onDown: () => {
    online = false;
    connection.hidden = false;
    connection.textContent = 'The emulator does not answer. Trying again…';
  },
});

document.addEventListener('visibilitychange', () => {
  for (const phone of phones.values()) phone.scrolled();
});
window.addEventListener('keydown', (event) => {
  if (event.altKey && /^[1-9]$/.test(event.key) && phones.size >= Number(event.key)) {
    event.preventDefault();
    activate(Number(stage.children[Number(event.key) - 1].dataset.person), true);
  }
});
narrow.addEventListener('change', () => activate(active, false));
drawTheme();
