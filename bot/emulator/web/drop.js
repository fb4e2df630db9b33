// Files that are dragged onto a phone or pasted into it.

const PHOTOS = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);

// Photos when all of them are pictures that Telegram takes as such; otherwise files.
export function kindOf(files) {
  return files.every((file) => PHOTOS.has(file.type)) ? 'photos' : 'documents';
}

export function takeDrops(screen, area, send) {
  const light = (on) => area.classList.toggle('dropping', on);
  screen.addEventListener('dragover', (event) => {
    event.preventDefault();
    light([...event.dataTransfer.types].includes('Files'));
  });
  screen.addEventListener('dragleave', (event) => {
    if (!screen.contains(event.relatedTarget)) light(false);
  });
  screen.addEventListener('drop', (event) => {
    event.preventDefault();
    light(false);
    const files = [...event.dataTransfer.files];
    if (files.length) send(kindOf(files), files);
  });
}
