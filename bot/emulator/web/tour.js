// The tour: which step it is at, what that step waits for, and when it is done. tourcard.js draws it.
//
// The steps are data of whoever started the emulator (docs/EMULATOR.md, "The tour"). A step is over when the bot
// really said what the step waits for, whoever pressed what; so the tour bears people who leave its path.

import { coalesce } from './dom.js';
import { door } from './door.js';
import { plain } from './html.js';
import { TourCard } from './tourcard.js';

const KEY = 'phones-tour';
const SEEN = 'phones-tour-seen';
const LOST_AFTER_MS = 5000;
const PAUSE_MS = 900;
const OPENING_MS = 5000;
const OPENING_LOOK_MS = 60;
const REMEMBERED = 40;
const LOOKED_BACK = 3;

function recall(storage, key) {
  try {
    return JSON.parse(storage().getItem(key));
  } catch {
    return null;
  }
}

function keep(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // Without storage a reload ends the tour, nothing else.
  }
}

const session = () => sessionStorage;
const local = () => localStorage;

export class Tour {
  // `page` knows the phones: {phone(id), activate(id), news, changed()}.
  constructor(page) {
    this.page = page;
    this.script = null;
    this.at = null;
    this.before = {};
    this.since = 0;
    this.pausing = false;
    this.card = new TourCard({
      skip: () => this.next(),
      end: () => this.stop(),
      next: () => this.next(),
      back: () => this.goBack(),
      act: () => this.act(),
    });
    this.look = coalesce(() => this.check(), 60);
  }

  get there() {
    return this.script !== null;
  }

  get running() {
    return this.at !== null;
  }

  async load() {
    const { tour } = await door.tour().catch(() => ({ tour: null }));
    this.script = tour;
    if (!tour) this.rest();
    else if (!this.running) this.resume();
    this.page.changed();
    this.look();
  }

  resume() {
    const kept = recall(session, KEY);
    if (kept && kept.title === this.script.title && this.stepAt(kept.at)) {
      this.at = kept.at;
      this.before = kept.before;
      this.arrive();
    } else if (!recall(local, SEEN)) this.invite();
  }

  invite() {
    this.page.news.show('invite', `${this.script.title}.`, this.script.words,
      [{ label: 'Start the tour', primary: true, run: () => this.start() }], () => keep(local, SEEN, true));
  }

  async start() {
    if (this.starting) return;
    this.starting = true;
    this.stop();
    keep(local, SEEN, true);
    for (const kind of ['invite', 'end']) this.page.news.hide(kind);
    try {
      for (const { person, text } of this.script.opening || []) await this.open(person, text);
    } finally {
      this.starting = false;
    }
    this.enter([0]);
  }

  // Sends a text and waits a little for its answer, so that the first step finds it.
  async open(person, text) {
    const phone = this.page.phone(person);
    if (!phone) return;
    this.page.activate(person);
    const { lastId } = phone.list;
    await phone.actions.sendText(text);
    for (let waited = 0; waited < OPENING_MS; waited += OPENING_LOOK_MS) {
      if (phone.list.newest(1).some((message) => !message.out && message.message_id > lastId)) return;
      await new Promise((resolve) => { setTimeout(resolve, OPENING_LOOK_MS); });
    }
  }

  stop() {
    this.rest();
    keep(session, KEY, null);
  }

  // Stops for now: where it is stays known, for when the emulator is back with its tour.
  rest() {
    const was = this.running;
    this.at = null;
    clearInterval(this.beat);
    clearTimeout(this.pausing);
    this.pausing = false;
    this.card.remove();
    if (was) this.page.changed();
  }

  finish() {
    this.stop();
    this.page.news.show('end', 'Done!', this.script.end, [{ label: 'Once more', run: () => this.start() }]);
  }

  // ---- where it is: [step] of the way, or [step, step of its other way]

  stepAt(at) {
    const step = this.script.steps[at[0]];
    return at.length === 1 ? step : step?.otherwise?.steps?.[at[1]];
  }

  get step() {
    return this.stepAt(this.at);
  }

  after(at) {
    if (at.length === 1) return [at[0] + 1];
    const { otherwise } = this.script.steps[at[0]];
    return at[1] + 1 < otherwise.steps.length ? [at[0], at[1] + 1] : this.named(otherwise.then, at);
  }

  named(name, at) {
    const found = this.script.steps.findIndex((step) => step.name === name);
    return [name && found >= 0 ? found : at[0] + 1];
  }

  // Looking at a message is no tap.
  get progress() {
    const taps = this.script.steps.map((step) => (step.see ? 0 : 1));
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    return { done: sum(taps.slice(0, this.at[0])), number: Math.max(1, sum(taps.slice(0, this.at[0] + 1))), total: sum(taps) };
  }

  next() {
    this.enter(this.after(this.at));
  }

  enter(at) {
    const from = this.running ? this.step.person : null;
    if (!this.stepAt(at)) {
      this.finish();
      return;
    }
    this.at = at;
    this.before = this.snapshot();
    keep(session, KEY, { title: this.script.title, at, before: this.before });
    clearTimeout(this.pausing);
    // What the last tap did can be seen for a moment before another phone comes.
    const elsewhere = from !== null && from !== this.step.person;
    this.pausing = elsewhere ? setTimeout(() => this.arrive(), PAUSE_MS) : false;
    if (elsewhere) this.card.rest();
    else this.arrive();
  }

  arrive() {
    this.pausing = false;
    this.since = Date.now();
    this.shown = null;
    clearInterval(this.beat);
    this.beat = setInterval(() => this.look(), 1000);
    this.page.activate(this.step.person);
    this.page.changed();
    this.check();
  }

  goBack() {
    let at = this.at[0];
    if (!this.step.back) while (at > 0 && !this.script.steps[at].back && !this.script.steps[at].send) at -= 1;
    const step = this.step.back ? this.step : this.script.steps[at];
    const text = step.back || step.send;
    if (!this.step.back) this.enter([at]);
    this.since = Date.now();
    this.shown = null;
    if (text) this.page.phone(step.person)?.actions.sendText(text);
  }

  async act() {
    const phone = this.page.phone(this.step.person);
    if (!phone || this.acting) return;
    this.acting = true;
    try {
      if (this.step.send) await phone.actions.sendText(this.step.send);
      else if (this.step.photo) await phone.actions.sendFiles('photos', [await this.card.picture(this.step.photo)], '');
    } finally {
      this.acting = false;
    }
  }

  // ---- what it sees

  // The revisions of the newest messages, so that what comes later can be told from what was there.
  snapshot() {
    const seen = {};
    for (const phone of this.page.phones()) {
      const newest = phone.list.newest(REMEMBERED);
      seen[phone.id] = { last: phone.list.lastId, revisions: Object.fromEntries(newest.map((one) => [one.message_id, one.revision || 0])) };
    }
    return seen;
  }

  isFresh(phone, message) {
    const known = this.before[phone.id];
    if (!known) return true;
    if (message.message_id > known.last) return true;
    const revision = known.revisions[message.message_id];
    return revision !== undefined && (message.revision || 0) > revision;
  }

  isDone(step) {
    const phone = this.page.phone(step.until?.person ?? step.person);
    if (!phone) return false;
    const words = step.until?.see;
    return phone.list.newest(REMEMBERED).some((message) => !message.out && this.isFresh(phone, message)
      && (!words || plain(message).includes(words)));
  }

  isOtherwise({ otherwise, person }) {
    if (!otherwise) return false;
    const phone = this.page.phone(otherwise.person ?? person);
    const newest = phone?.list.newest(REMEMBERED).find((message) => !message.out);
    return Boolean(newest && plain(newest).includes(otherwise.see));
  }

  check() {
    if (!this.running || this.pausing || !this.script) return;
    const { step } = this;
    const phone = this.page.phone(step.person);
    if (phone && !phone.loaded) return;
    if (!phone) this.card.show(null, this.view(step, 'gone'));
    else if (!step.see && this.isDone(step)) this.next();
    else if (!step.see && this.isOtherwise(step)) this.enter(step.otherwise.steps.length ? [this.at[0], 0] : this.named(step.otherwise.then, this.at));
    else this.point(phone, step);
  }

  point(phone, step) {
    const target = this.target(phone, step);
    const late = Date.now() - this.since > LOST_AFTER_MS && !phone.pending.size;
    const state = step.send || step.photo ? 'act' : target ? (step.see ? 'see' : 'tap') : step.waiting ? 'wait' : late ? 'lost' : 'wait';
    this.card.show(phone, this.view(step, state), target, this.shown !== target?.key);
    this.shown = target?.key ?? null;
  }

  // -> {message, button, key} of what the step points at, the newest first; null when it is not there.
  target(phone, step) {
    if (step.see) {
      const message = phone.list.newest(LOOKED_BACK + 3).filter((one) => !one.out).slice(0, LOOKED_BACK).find((one) => plain(one).includes(step.see));
      return message ? { message, key: `${message.message_id}` } : null;
    }
    if (!step.tap) return null;
    for (const message of phone.list.newest(REMEMBERED)) {
      const rows = message.out ? [] : message.reply_markup?.inline_keyboard || [];
      const button = rows.flat().find((one) => one.text.includes(step.tap));
      if (button) return { message, button, key: `${message.message_id}:${button.callback_data ?? button.text}` };
    }
    const keys = phone.keyboard.markup?.keyboard?.flat() || [];
    const key = keys.map((one) => one.text ?? one).find((text) => text.includes(step.tap));
    return key ? { text: key, key: `key:${key}` } : null;
  }

  view(step, state) {
    const { number, done, total } = this.progress;
    const phone = this.page.phone(step.person);
    return {
      state, step, number, done, total, at: this.at.join('.'), name: phone?.person.first_name || 'Somebody', back: Boolean(step.back) || this.at[0] > 0,
    };
  }
}
