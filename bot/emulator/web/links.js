// What a link means on a phone: a deep link to the bot, an ordinary address, or something to refuse.

const HOSTS = new Set(['t.me', 'telegram.me', 'telegram.dog', 'www.t.me']);
const OPENABLE = new Set(['http:', 'https:', 'mailto:', 'tel:']);
const PAYLOAD = /^[A-Za-z0-9_-]{0,64}$/;

function parse(address) {
  const text = String(address || '').trim();
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
  } catch {
    return null;
  }
}

// -> {kind: 'invoice', link} | {kind: 'start', payload} | {kind: 'bot'} | {kind: 'open', href} | {kind: 'bad', reason}
export function meaningOf(address, botUsername) {
  const url = parse(address);
  if (!url) return { kind: 'bad', reason: 'This link is not an address' };
  const own = (botUsername || '').toLowerCase();
  let bot = null;
  if (url.protocol === 'tg:') {
    const action = (url.host || url.pathname.replace(/^\/*/, '')).toLowerCase();
    if (action !== 'resolve') return { kind: 'bad', reason: 'This kind of Telegram link is not emulated' };
    bot = url.searchParams.get('domain');
  } else if ((url.protocol === 'https:' || url.protocol === 'http:') && HOSTS.has(url.hostname.toLowerCase())) {
    const parts = url.pathname.split('/').filter(Boolean);
    if (parts.length === 1 && parts[0].startsWith('$')) return { kind: 'invoice', link: url.href };
    if (parts.length === 1) bot = parts[0];
  }
  if (bot !== null && own && bot.toLowerCase() === own) {
    const payload = url.searchParams.get('start');
    if (payload === null) return { kind: 'bot' };
    if (!PAYLOAD.test(payload)) return { kind: 'bad', reason: 'Telegram drops this start parameter: at most 64 of A-Z a-z 0-9 _ -' };
    return { kind: 'start', payload };
  }
  if (!OPENABLE.has(url.protocol)) return { kind: 'bad', reason: `Telegram would not open ${url.protocol} here` };
  return { kind: 'open', href: url.href };
}

export function safeHref(address) {
  const url = parse(address);
  return url && (OPENABLE.has(url.protocol) || url.protocol === 'tg:') ? url.href : null;
}
