// Objects that are locked: no stroke changes them. They are listed, and their hatching shows in the picture.

import { cssOf } from './colours.js';
import { button, element } from './elements.js';
import { attempt, say } from './messages.js';
import { on, place, project, stateOf, takeState } from './project.js';
import { isLocked, toolbox } from './toolbox.js';
import { change } from './undo.js';

const flipper = button('Lock', () => attempt(flipLock), { 'data-action': 'lock', 'aria-keyshortcuts': 'l' });
const list = element('div', { class: 'line', id: 'locked', role: 'group', 'aria-label': 'Locked objects' });
const box = element('div', { class: 'stack', hidden: true }, element('p', { class: 'line' }, flipper), list);

export function start() {
  document.getElementById('classes').after(box);
  on('toolbox', show);
  on('state', show);
  on('place', show);
  on('project', show);
  show();
}

/** Lock the object that was picked, or unlock it. */
export async function flipLock() {
  if (!project.settings.objects) return;
  if (toolbox.object === null) say('Pick an object first: press I and click on it. Then L locks it.');
  else await lock(toolbox.object, !isLocked(toolbox.object));
}

async function lock(object, locked) {
  const { image, t } = place;
  const others = stateOf(place).locked.filter((each) => each !== object);
  const [state] = await change(place, [['state', { locked: locked ? [...others, object] : others }]], {
    pixels: false,
  });
  takeState(image.id, t, state);
}

function show() {
  box.hidden = !project.settings.objects || !place.image;
  if (box.hidden) return;
  const { object } = toolbox;
  flipper.disabled = object === null;
  flipper.title = 'Nothing changes a locked object (L)';
  flipper.textContent =
    object === null ? 'Lock an object' : isLocked(object) ? `Unlock object ${object}` : `Lock object ${object}`;
  const { locked } = stateOf(place);
  list.replaceChildren(element('span', { class: 'aside' }, 'Locked:'), ...locked.map(entry));
  list.hidden = !locked.length;
}

function entry(object) {
  const swatch = element('i', { class: 'swatch' });
  swatch.style.background = cssOf(object);
  const made = button('', () => attempt(() => lock(object, false)), {
    class: 'quiet locked',
    'data-locked': object,
    'aria-label': `Unlock object ${object}`,
    title: `Object ${object} is locked. Click to unlock it.`,
  });
  made.append(swatch, String(object));
  return made;
}
