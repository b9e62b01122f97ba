// The small signs of tools and states, drawn in a square of 24, in the colour of the text around them.

import { drawing } from './elements.js';

const LINES = {
  encircle: [
    'M12 4c5 0 8 2.6 8 6.6S17 18 12 18c-2 0-3.6-.3-4.9-1M12 4C7 4 4 6.6 4 10.6c0 2.6 1.2 4.6 3.1 5.7',
    'M7.1 17c-1.6 0-2.4.9-2.1 2 .2.7.9 1 .7 2',
  ],
  polygon: ['M12 4l8 6-3 9H7l-3-9z', 'M12 4h.01M20 10h.01M17 19h.01M7 19h.01M4 10h.01'],
  cling: ['M5 19c-2-6 0-8 3-9s3-5 7-5 6 4 4 8', 'M5 19h.01M8 10h.01M15 5h.01', 'M19 13l-5 6h5z'],
  brush: ['M20 4L11 13', 'M9 14.5c-2.4 0-3.4 1.7-3.5 3.3-.1 1.1-.8 1.8-1.8 2.2 3.6.9 7.8-.1 7.8-3.3'],
  background: ['M4 4h16v16H4z', 'M4 12l8-8M4 20L20 4M12 20l8-8'],
  eraser: ['M9 19L4 14 14 4l7 7-8 8z', 'M9 9l7 7M9 19h12'],
  fill: ['M12 3a9 9 0 100 18 9 9 0 000-18z', 'M12 8v8M8 12h8'],
  pick: [
    'M4 20l1-4 8-8 3 3-8 8z',
    'M12 7l5 5M14.5 5.500l1.500-1.500a2.100 2.100 0 013 0l1 1a2.100 2.100 0 010 3L18.500 9.500',
  ],
  minus: ['M6 12h12'],
  plus: ['M6 12h12M12 6v12'],
  check: ['M5 12.500l4.500 4.500L19 7.500'],
  cross: ['M6 6l12 12M18 6L6 18'],
  pencil: ['M5 19l1-4L16 5l3 3L9 18z'],
  flag: ['M6 21V4h11l-2.500 4L17 12H6'],
  model: ['M12 4l7 4v8l-7 4-7-4V8z'],
  partly: ['M12 5a7 7 0 100 14 7 7 0 000-14z', 'M12 5v14'],
};

export function icon(name) {
  return drawing(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    ...LINES[name].map((d) => drawing('path', { d })),
  );
}
