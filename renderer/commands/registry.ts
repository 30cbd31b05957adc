// Commands as data: buttons, keys, palette and the sheet of keys are views of the same list.
import { chordOf, type Stroke } from '../base/keys.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: 'Move' | 'Look' | 'Recording' | 'Window';
  /** Chords, the first is the one shown. */
  readonly keys: readonly string[];
  readonly when: () => boolean;
  readonly run: () => void;
}

export class Registry {
  readonly all: readonly Command[];
  private readonly byId = new Map<string, Command>();
  private readonly byChord = new Map<string, Command[]>();

  /** Throws when an id is there twice, or a chord means two things at once: a defect of ours. */
  constructor(commands: readonly Command[]) {
    this.all = commands;
    for (const command of commands) {
      if (this.byId.has(command.id)) throw new Error(`command ${command.id} is there twice`);
      this.byId.set(command.id, command);
      for (const chord of command.keys) this.byChord.set(chord, [...(this.byChord.get(chord) ?? []), command]);
    }
  }

  get(id: string): Command {
    const command = this.byId.get(id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return command;
  }

  /** The command a key press runs now, or null. */
  find(stroke: Stroke): Command | null {
    return this.byChord.get(chordOf(stroke))?.find((command) => command.when()) ?? null;
  }
}

/** Keys that type into a field belong to the field; function keys and chords with Mod work everywhere. */
export function belongsToField(target: EventTarget | null, stroke: Stroke): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const types =
    target instanceof HTMLInputElement
      ? !['checkbox', 'radio', 'button', 'file'].includes(target.type)
      : target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
  return types && !/^F\d+$/.test(stroke.key) && !(stroke.ctrlKey || stroke.metaKey);
}
