// Opens the library of this browser, or says why it cannot and keeps recordings in memory instead.
import { Library } from '../../recordings/store/library.ts';
import type { LibraryClient } from './library.ts';
import { memoryLibrary } from './memory-library.ts';

export async function openLibrary(onSentence: (sentence: string) => void): Promise<LibraryClient> {
  const opened = await Library.open({ onBlocked: onSentence });
  if (opened.ok) return opened.value;
  onSentence(opened.error);
  return memoryLibrary();
}
