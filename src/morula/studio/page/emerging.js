// The frame on screen while a network learns: a small picture with its mask as it would be drawn by now.

import { element } from './elements.js';
import { isOpen } from './jobs.js';

const image = element('img', { alt: 'The frame on screen, with the outline of its mask by now' });
const words = element('figcaption', { class: 'aside' });

export const picture = element('figure', { class: 'emerging', hidden: true }, image, words);

/** News of a training; its picture stays as long as it learns. */
export function show(job) {
  const { seen } = job.result ?? {};
  picture.hidden = !isOpen(job) || !seen;
  if (picture.hidden) return;
  const address = `/api/jobs/${job.id}/picture?${new URLSearchParams(seen)}`;
  if (image.getAttribute('src') !== address) image.src = address;
  const moment = seen.t ? `, frame ${seen.t + 1}` : '';
  words.textContent = `${seen.name}${moment} after ${seen.step} ${seen.step === 1 ? 'step' : 'steps'}`;
}
