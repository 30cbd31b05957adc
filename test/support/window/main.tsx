// The window over a workbench without a machine, to look at while it is drawn. Not part of what is built or shipped:
// npx vite -c test/support/window/vite.config.ts
import '../../../renderer/base/fonts.css';
import '../../../renderer/base/tokens.css';
import '../../../renderer/base/base.css';
import { render } from 'solid-js/web';
import { Shell } from '../../../renderer/app/shell.tsx';
import { memoryLibrary } from '../../../renderer/client/memory-library.ts';
import { createTrapline, TraplineProvider } from '../../../renderer/state/trapline.ts';
import { err, ok } from '../../../workers/base/result.ts';
import { fakeWorkbench } from '../fake-workbench.ts';

render(() => {
  const bundled = {
    programs: [{ name: 'counter', file: 'counter', about: 'Counts to a thousand.', args: [], events: ['mem:counter/8:w'] }],
    recordings: [{ name: 'ledger · stray write', file: 'ledger.trapline', about: 'A stray write into a total.' }],
  };
  const trapline = createTrapline(fakeWorkbench(), memoryLibrary(), {
    bundled: async () => bundled,
    bundledFile: async (file) => ok(new Uint8Array(file.endsWith('.trapline') ? [0x50] : [0x7f, 0x45, 0x4c, 0x46])),
    givenFile: async (name) => err(`${name} is not there`),
    saveFile: () => undefined,
  });
  void trapline.shelf.start({ recording: null, target: null });
  return (
    <TraplineProvider value={trapline}>
      <Shell />
    </TraplineProvider>
  );
}, document.getElementById('root')!);
