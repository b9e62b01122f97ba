// Elements made by hand: text always as text, never as HTML, so that no file name can be more than a name.

const SVG = 'http://www.w3.org/2000/svg';

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawing(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function button(words, act, attributes = {}) {
  const made = element('button', { type: 'button', ...attributes }, words);
  made.addEventListener('click', act);
  return made;
}

/** A field with its name before it. */
export function field(words, input) {
  return element('label', { class: 'field' }, element('span', {}, words), input);
}

export function byAction(name) {
  return document.querySelectorAll(`[data-action="${name}"]`);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('aria-') && typeof value === 'boolean')
      made.setAttribute(name, String(value)); // there, false is said
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
