// New images: dropped on the page, chosen from the disk, or drawn to try things out with.

import * as api from './api.js';
import { byAction } from './elements.js';
import { attempt, say } from './messages.js';
import { goToId, load, on, project, take, tell } from './project.js';

const files = document.getElementById('files');
const empty = document.getElementById('empty');
const dropping = document.getElementById('dropping');

export function start() {
  for (const each of byAction('add-images')) each.addEventListener('click', () => files.click());
  for (const each of byAction('drawn')) each.addEventListener('click', () => attempt(() => drawn(each)));
  files.addEventListener('change', () => {
    attempt(() => add([...files.files]));
    files.value = '';
  });
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    dropping.hidden = false;
  });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) dropping.hidden = true; });
  addEventListener('drop', (event) => {
    dropping.hidden = true;
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    attempt(() => add([...event.dataTransfer.files]));
  });
  on('project', show);
}

function show() {
  const none = project.images.length === 0;
  empty.hidden = !none;
  document.documentElement.dataset.empty = none ? 'yes' : 'no';
}

async function add(chosen) {
  let first = null;
  let added = 0;
  for (const [number, file] of chosen.entries()) {
    const over = say(`Adding image ${number + 1} of ${chosen.length}: ${file.name}`);
    try {
      const image = await api.upload(`/api/images?name=${encodeURIComponent(file.name)}`, file);
      first ??= image.id;
      added += 1;
    } catch (error) {
      say(`${file.name}: ${error.message}`, { wrong: true });
    } finally {
      over();
    }
  }
  await load();
  if (first) goToId(first);
  if (added) say(added === 1 ? 'One image added.' : `${added} images added.`);
}

async function drawn(pressed) {
  pressed.disabled = true;
  const over = say('Drawing gastruloids …');
  try {
    take(await api.post('/api/images/drawn'));
    tell('drawn');
  } finally {
    over();
    pressed.disabled = false;
  }
}
