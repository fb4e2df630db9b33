// The page's icons as plain stroke paths, so that no icon font and no emoji font is needed.

const PATHS = {
  send: 'M4 12l16-8-6 16-3-7-7-1z',
  attach: 'M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M12 5.5v.01M12 12v.01M12 18.5v.01',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M2.5 12.5l4.5 4.5L16 7M11.5 16.5l.8.7L21.5 7',
  done: 'M5 12.5l4.5 4.5L19 7',
  photo: 'M4 6h16v12H4zM4 15.5l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.5v.01',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10a3.3 3.3 0 1 0 0 6.6A3.3 3.3 0 0 0 12 10z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  sticker: 'M12 3.5A8.5 8.5 0 1 0 20.5 12h-4a4.5 4.5 0 0 1-4.5-4.5zM12 3.5L20.5 12M8.5 10.5v.01M8.5 14.5c1.5 1.7 4 2 5.5.8',
  voice: 'M12 3.5a2.7 2.7 0 0 0-2.7 2.7v5.3a2.7 2.7 0 0 0 5.4 0V6.2A2.7 2.7 0 0 0 12 3.5zM6 11.5a6 6 0 0 0 12 0M12 17.5V21',
  video: 'M3.5 6.5h11v11h-11zM14.5 10.5l6-3v9l-6-3',
  location: 'M12 21c4.5-5 6.5-8.2 6.5-11a6.5 6.5 0 0 0-13 0c0 2.8 2 6 6.5 11zM12 7.8a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z',
  contact: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-3.8 3.8-5.5 7.5-5.5s6.7 1.7 7.5 5.5',
  keyboard: 'M3.5 6.5h17v11h-17zM7 10v.01M10.3 10v.01M13.7 10v.01M17 10v.01M8 14h8',
  down: 'M6 9.5l6 6 6-6',
  pin: 'M9 3.5h6l-1 6 3.5 3.5h-11L10 9.5zM12 13v7.5',
  edit: 'M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z',
  reply: 'M10 5.5L4 11l6 5.5V13c5 0 8 1.5 10 5-.5-6-4-9.5-10-9.8z',
  copy: 'M9 8h11v12H9zM15 8V4H4v12h5',
  link: 'M9 7h8v8M17 7L7 17',
  block: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  plus: 'M12 5v14M5 12h14',
  traffic: 'M7 4v15M7 19l-3-3M7 19l3-3M17 20V5M17 5l-3 3M17 5l3 3',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17z',
  play: 'M8 5l11 7-11 7z',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  tour: 'M5 20V4M5 5h12l-2.5 4L17 13H5',
  silent: 'M6 16.5V11a6 6 0 0 1 9-5.2M18 10v6.5H8M10.5 19.5h3M4 4l16 16',
  wallet: 'M4 7h14v-2H6a2 2 0 0 0-2 2v11h16V9H4M16 13.5v.01',
  phone: 'M7 3h10v18H7zM11 18h2',
};

const FILLED = new Set(['send', 'play']);

export function icon(name, size = 22) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const attributes = {
    viewBox: '0 0 24 24', width: size, height: size, fill: FILLED.has(name) ? 'currentColor' : 'none',
    stroke: 'currentColor', 'stroke-width': name === 'more' ? 3 : 1.8, 'stroke-linecap': 'round',
    'stroke-linejoin': 'round', 'aria-hidden': 'true', focusable: 'false', class: 'icon',
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
