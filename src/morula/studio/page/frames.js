// A list of frames to look at, each opened by a click, with the reason beside it.

import { button, element } from './elements.js';
import { icon } from './icons.js';
import { goToId, project } from './project.js';
import { show as showStep } from './steps.js';

/**
 * The items of such a list.
 * @param frames {id, t, reason} of each: the image, the frame in it, and why it is there; those that are gone are left out
 * @param isDone says of a frame whether nothing is left to do there
 */
export function frameItems(frames, isDone = () => false) {
  return frames.map((frame) => item(frame, isDone)).filter(Boolean);
}

function item({ id, t, reason }, isDone) {
  const image = project.images.find((each) => each.id === id);
  if (!image) return null;
  const name = image.name + (image.frames > 1 ? `, frame ${t + 1}` : '');
  const open = button(
    name,
    () => {
      goToId(id, t);
      showStep('annotate');
    },
    { class: 'quiet', 'data-id': id, 'data-t': t },
  );
  return element(
    'li',
    {},
    open,
    isDone({ image, t }) && element('span', { class: 'mark good', role: 'img', 'aria-label': 'finished' }, icon('check')),
    element('span', { class: 'aside' }, reason),
  );
}
