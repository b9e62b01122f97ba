// The project, asked for while the other modules are still on their way.

export const early = fetch('/api/project');
early.catch(() => {}); // whoever waits for it hears of it
