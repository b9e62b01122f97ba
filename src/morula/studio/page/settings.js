// What is decided once for a project: whether touching objects are told apart, and how large a pixel is.

import { button, byAction, element, field } from './elements.js';
import { annotation, prediction } from './labels.js';
import { attempt } from './messages.js';
import { change, load, project, tell } from './project.js';

const dialog = document.getElementById('settings');

export function start() {
  for (const each of byAction('settings')) each.addEventListener('click', open);
}

function open() {
  const { objects, pixel_size: size } = project.settings;
  const apart = element('input', { type: 'checkbox', id: 'objects' });
  apart.checked = objects;
  const micrometres = element('input', {
    type: 'number',
    min: 0,
    step: 'any',
    value: size ?? '',
    placeholder: 'as the files say',
    id: 'pixel-size',
  });
  const keep = async () => {
    const pixelSize = Number(micrometres.value) > 0 ? Number(micrometres.value) : null;
    await change({ objects: apart.checked, pixel_size: pixelSize });
    if (apart.checked !== objects) {
      annotation.forget();
      prediction.forget();
      tell('labels');
    }
    await load();
    dialog.close();
  };
  dialog.replaceChildren(
    element('h2', { id: 'settings-title' }, project.name || 'Project'),
    element('p', { class: 'aside path' }, project.folder),
    element('label', { class: 'tick' }, apart, 'Tell objects that touch apart'),
    element(
      'p',
      { class: 'aside' },
      'For cells or nuclei side by side: each gets a number of its own. Decide before you draw.',
    ),
    field('Pixel size (µm)', micrometres),
    element(
      'p',
      { class: 'line end' },
      button('Cancel', () => dialog.close()),
      button('Keep', () => attempt(keep), { class: 'main', 'data-action': 'keep-settings' }),
    ),
  );
  dialog.showModal();
}
