// Commands that change what part of the recording is in sight. They never move in time.
import type { CommandParts } from './commands.ts';
import type { Command } from './registry.ts';

export function createLookCommands({ session, view, markers, focus }: CommandParts, recording: () => boolean): Command[] {
  const now = () => session.position()?.mark.icount ?? 0;
  const one = (id: string, title: string, keys: readonly string[], run: () => void): Command => ({
    id,
    title,
    group: 'Look',
    keys,
    when: recording,
    run,
  });
  const centre = () => {
    const { from, to } = view.range();
    const middle = (from + to) / 2;
    if (Math.abs(now() - middle) < (to - from) / 100) view.show(0, view.end());
    else view.show(now() - (to - from) / 2, now() + (to - from) / 2);
  };
  return [
    one('look.in', 'Zoom in on the current Mark', ['W', '+'], () => view.zoom(0.5, now())),
    one('look.out', 'Zoom out', ['Shift+Z', '-'], () => view.zoom(2, now())),
    one('look.left', 'Shift the timeline to earlier', ['A'], () => view.pan(-0.25)),
    one('look.right', 'Shift the timeline to later', ['D'], () => view.pan(0.25)),
    one('look.centre', 'Centre the current Mark; again: whole recording', ['F'], centre),
    one('look.marker-a', 'Marker A here, or away', ['Shift+A'], () => markers.place('A')),
    one('look.marker-b', 'Marker B here, or away', ['Shift+B'], () => markers.place('B')),
    {
      ...one('look.markers-clear', 'Remove the marker here, else both', ['Delete'], markers.clear),
      when: () => recording() && markers.some(),
    },
    one(
      'look.side',
      'Program or kernel side of the CPU',
      ['X'],
      () => void session.setSide(session.side() === 'program' ? 'kernel' : 'program'),
    ),
    one('look.memory', 'Choose what memory to look at', ['M'], () => focus('memory')),
    one('look.events', 'Go to the table of events', ['E'], () => focus('events')),
    one('look.why', 'Why does this access hit, or not?', ['Y'], () => view.setWhy(!view.why())),
    one('look.last-write', 'Who wrote these bytes last?', ['L'], () => focus('last-write')),
  ];
}
