// The page's only way to the emulator: the JSON calls of /door and its stream of events.

export class DoorError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function request(method, path, { query = {}, json, form } = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  const options = { method, headers: {}, cache: 'no-store' };
  if (form) options.body = form;
  else if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(`/door/${path}${search.size ? `?${search}` : ''}`, options);
  } catch {
    throw new DoorError('The emulator does not answer', 0);
  }
  const type = response.headers.get('Content-Type') || '';
  const body = type.includes('json') ? await response.json().catch(() => null) : null;
  if (response.status === 413) throw new DoorError('That is too big: Telegram takes photos up to 10 MB and files up to 50 MB', 413);
  if (!response.ok) throw new DoorError(body?.error || `The emulator answered ${response.status}`, response.status);
  return body;
}

const asPerson = (id, bot, action, fields = {}) => (
  request('POST', `people/${id}/${action}`, { query: { bot }, json: bot ? { ...fields, bot } : fields })
);

function asPersonWithFiles(id, bot, action, files, caption) {
  const form = new FormData();
  if (bot) form.append('bot', String(bot));
  if (caption) form.append('caption', caption);
  for (const file of files) form.append('file', file, file.name || 'photo.jpg');
  return request('POST', `people/${id}/${action}`, { query: { bot }, form });
}

export const door = {
  bots: () => request('GET', 'bots'),
  people: () => request('GET', 'people'),
  addPerson: (fields) => request('POST', 'people', { json: fields }),
  removePerson: (id) => request('DELETE', `people/${id}`),
  chat: (id, bot, after) => request('GET', `people/${id}/chat`, { query: { bot, after } }),
  text: (id, bot, text, replyTo) => asPerson(id, bot, 'text', replyTo ? { text, reply_to: replyTo } : { text }),
  edit: (id, bot, messageId, text) => asPerson(id, bot, 'edit', { message_id: messageId, text }),
  photos: (id, bot, files, caption) => asPersonWithFiles(id, bot, 'photos', files, caption),
  documents: (id, bot, files, caption) => asPersonWithFiles(id, bot, 'documents', files, caption),
  video: (id, bot, files, caption) => asPersonWithFiles(id, bot, 'video', files, caption),
  sticker: (id, bot) => asPerson(id, bot, 'sticker'),
  voice: (id, bot, duration) => asPerson(id, bot, 'voice', { duration }),
  location: (id, bot, latitude, longitude) => asPerson(id, bot, 'location', { latitude, longitude }),
  contact: (id, bot, contact) => asPerson(id, bot, 'contact', contact),
  press: (id, bot, messageId, data) => asPerson(id, bot, 'press', { message_id: messageId, data }),
  callback: (callbackId) => request('GET', `callbacks/${callbackId}`),
  read: (id, bot) => asPerson(id, bot, 'read'),
  block: (id, bot) => asPerson(id, bot, 'block'),
  unblock: (id, bot) => asPerson(id, bot, 'unblock'),
  pay: (id, bot, messageId, tip) => asPerson(id, bot, 'pay', tip ? { message_id: messageId, tip_amount: tip } : { message_id: messageId }),
  payLink: (id, link, tip) => request('POST', `people/${id}/pay`, { json: tip ? { link, tip_amount: tip } : { link } }),
  invoice: (link) => request('GET', 'invoices', { query: { link } }),
  payment: (queryId) => request('GET', `payments/${queryId}`),
  giveStars: (id, amount) => request('POST', `people/${id}/stars`, { json: { amount } }),
  clock: () => request('GET', 'clock'),
  moveClock: (seconds) => request('POST', 'clock', { json: { advance_seconds: seconds } }),
  tour: () => request('GET', 'tour'),
  traffic: (after) => request('GET', 'traffic', { query: { after } }),
  problems: () => request('GET', 'problems'),
  fileUrl: (uniqueId) => `/door/files/${encodeURIComponent(uniqueId)}`,
};

// Keeps one event stream open for ever; `onOpen` runs after every (re)connection so that the caller reloads.
export function listen({ onEvent, onOpen, onDown }) {
  let delay = 400;
  let source = null;
  const connect = () => {
    source = new EventSource('/door/events');
    source.onopen = () => {
      delay = 400;
      onOpen();
    };
    source.onmessage = (event) => {
      let parsed = null;
      try {
        parsed = JSON.parse(event.data);
      } catch {
        return;
      }
      if (parsed && typeof parsed.type === 'string') onEvent(parsed);
    };
    source.onerror = () => {
      source.close();
      onDown();
      setTimeout(connect, delay);
      delay = Math.min(delay * 1.6, 4000);
    };
  };
  window.addEventListener('pagehide', () => source?.close());
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) connect();
  });
  connect();
}
