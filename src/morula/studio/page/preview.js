// The first mask of a frame that nobody has segmented: by the newest network, or from strokes until one does better.

import * as api from './api.js';
import { element } from './elements.js';
import { prediction } from './labels.js';
import { attempt } from './messages.js';
import { on, place, project, stateOf, tell } from './project.js';

const known = new Map(); // what the server told of each frame
const box = element('p', { id: 'preview', class: 'aside', 'aria-live': 'polite', hidden: true });

export function start() {
  document.querySelector('#annotate > *').after(box);
  prediction.source = () => (isWanted() && known.get(here())?.there ? 'preview' : 'prediction');
  on('place', ask);
  on('project', ask);
}

/** What the server has of a frame: a mask and who drew it, or what is missing. Answers may overtake each other. */
export function take(news) {
  const { id, t, revision } = news;
  const before = known.get(keyOf(id, t))?.revision ?? -1;
  if (revision < before) return;
  known.set(keyOf(id, t), news);
  if (revision > before) {
    prediction.reload(id, t);
    tell('labels');
  }
  show();
}

/** Tell the server which frame is on screen, too: a training shows it. */
async function ask() {
  show();
  const { image, t } = place;
  if (!image || image.problem) return;
  await attempt(async () => take(await api.post(`/api/images/${image.id}/preview?t=${t}`)));
}

function show() {
  const news = known.get(here());
  if (isWanted() && project.models.length && !news?.revision) return; // it comes at once, and words should not flicker
  box.hidden = !isWanted() || !news?.words;
  box.textContent = news?.words ?? '';
}

function isWanted() {
  return Boolean(place.image) && !place.image.problem && !stateOf(place).predicted;
}

function here() {
  return keyOf(place.image?.id, place.t);
}

function keyOf(id, t) {
  return `${id} ${t}`;
}
