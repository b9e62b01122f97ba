// What is on screen, in words: the project, the frame, and why one cannot be shown.

import { on, place, project } from './project.js';

const title = document.getElementById('title');
const nothing = document.getElementById('nothing');

export function start() {
  on('project', show);
  on('place', show);
  show();
}

function show() {
  document.getElementById('project').textContent = project.name || 'Morula studio';
  document.title = project.name ? `${project.name} · Morula studio` : 'Morula studio';
  const { image, t } = place;
  title.textContent = image ? image.name + (image.frames > 1 ? ` · frame ${t + 1}` : '') : '';
  title.title = image && !image.problem ? `${image.width} × ${image.height} pixels, ${image.type}` : '';
  nothing.hidden = !image?.problem;
  nothing.textContent = image?.problem ?? '';
}
