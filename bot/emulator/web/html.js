// Formatted text: rebuilds the server's `html` from an allow-list, then makes commands and addresses tappable.

import { h } from './dom.js';
import { safeHref } from './links.js';

const SAME = { B: 'b', STRONG: 'b', I: 'i', EM: 'i', U: 'u', INS: 'u', S: 's', STRIKE: 's', DEL: 's', CODE: 'code', PRE: 'pre' };
const DROPPED = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'TITLE', 'TEXTAREA', 'SVG', 'MATH']);
const TAPPABLE = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'])|(?<=^|[\s(])(\/[A-Za-z0-9_]{1,32})(?:@\w+)?(?![\w/])/g;

export function formatted(message) {
  const text = message.text ?? message.caption ?? '';
  const box = document.createDocumentFragment();
  if (typeof message.html === 'string' && message.html !== '') {
    const parsed = new DOMParser().parseFromString(message.html, 'text/html');
    copy(parsed.body, box, false);
  } else if (text) {
    appendText(text, box, false);
  }
  return box;
}

function copy(from, to, literal) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) appendText(node.data, to, literal);
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node, to, literal);
  }
}

function copyElement(node, to, literal) {
  const tag = node.tagName.toUpperCase();
  if (DROPPED.has(tag)) return;
  if (tag === 'BR') {
    to.append('\n');
    return;
  }
  let target = to;
  let asWritten = literal;
  if (SAME[tag]) {
    target = h(SAME[tag]);
    asWritten = literal || tag === 'CODE' || tag === 'PRE';
    if (tag === 'CODE' && node.parentElement?.tagName !== 'PRE') target.classList.add('copyable');
    if (tag === 'PRE') {
      target.classList.add('copyable');
      if (node.dataset.language) target.dataset.language = node.dataset.language;
    }
  } else if (tag === 'BLOCKQUOTE') {
    const folds = node.classList.contains('expandable') || node.hasAttribute('expandable');
    target = h('blockquote', folds ? { class: 'folded', dir: 'auto', role: 'button', tabindex: '0', 'aria-expanded': 'false' } : { dir: 'auto' });
  } else if (tag === 'TG-SPOILER' || (tag === 'SPAN' && /^(tg-)?spoiler$/.test(node.className))) {
    target = h('span', { class: 'tg-spoiler', role: 'button', tabindex: '0', 'aria-label': 'Hidden text, press to show' });
  } else if (tag === 'A') {
    const href = safeHref(node.getAttribute('href'));
    if (href) target = h('a', { href, rel: 'noopener noreferrer' });
    asWritten = true;
  }
  copy(node, target, asWritten);
  if (target !== to) to.append(target);
}

function appendText(text, to, literal) {
  if (literal) {
    to.append(text);
    return;
  }
  let end = 0;
  for (const match of text.matchAll(TAPPABLE)) {
    if (match.index > end) to.append(text.slice(end, match.index));
    if (match[1]) to.append(h('a', { href: match[1], rel: 'noopener noreferrer' }, match[1]));
    else to.append(h('a', { href: '#', class: 'command', data: { command: match[0] } }, match[0]));
    end = match.index + match[0].length;
  }
  if (end < text.length) to.append(text.slice(end));
}

export function plain(message) {
  if (!message) return '';
  const text = message.text ?? message.caption;
  if (text) return text;
  if (message.photo) return 'Photo';
  if (message.document) return message.document.file_name || 'File';
  if (message.sticker) return 'Sticker';
  if (message.voice) return 'Voice message';
  if (message.video) return 'Video';
  if (message.animation) return 'Animation';
  if (message.audio) return 'Audio';
  if (message.contact) return 'Contact';
  if (message.location || message.venue) return 'Location';
  if (message.invoice) return message.invoice.title || 'Invoice';
  return 'Message';
}
