// What is decided once for a project: whether touching objects are told apart, how large a pixel is, and what
// names say.

import { button, byAction, element, field } from './elements.js';
import { annotation, prediction } from './labels.js';
import { attempt } from './messages.js';
import { change, load, project, tell } from './project.js';

const dialog = document.getElementById('settings');

export function start() {
  for (const each of byAction('settings')) each.addEventListener('click', () => open());
}

/** Open the dialog; `first` is the id of the field to begin with, and `kept` is called once something was kept. */
export function open({ first = null, kept = () => {} } = {}) {
  const { objects, pixel_size: size, names } = project.settings;
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
  const said = element('input', {
    type: 'text',
    id: 'names',
    maxlength: 300,
    value: names ?? '',
    placeholder: 'as usual; else such as {mouse}_{time}',
    autocomplete: 'off',
  });
  const keep = async () => {
    const pixelSize = micrometres.value === '' ? null : Number(micrometres.value);
    if (!micrometres.validity.valid || pixelSize === 0) throw new Error('Say how many µm a pixel is wide: more than 0.');
    await change({ objects: apart.checked, pixel_size: pixelSize, names: said.value.trim() || null });
    if (apart.checked !== objects) {
      annotation.forget();
      prediction.forget();
      tell('labels');
    }
    await load();
    dialog.close();
    await kept();
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
    field('Names say', said),
    element(
      'p',
      { class: 'aside' },
      'Images of one movie, well or animal are alike, and never both train and validate. Which they are is read from the names of files; say it here where Check finds that it was not.',
    ),
    element(
      'p',
      { class: 'line end' },
      button('Cancel', () => dialog.close()),
      button('Keep', () => attempt(keep), { class: 'main', 'data-action': 'keep-settings' }),
    ),
  );
  dialog.showModal();
  if (first) document.getElementById(first).focus();
}
