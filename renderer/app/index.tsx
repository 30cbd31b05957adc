// Starts the window: worker, library, state, components, and the address bar that always says where it stands.
import '../base/fonts.css';
import '../base/tokens.css';
import '../base/base.css';
import { createEffect, createRoot, on } from 'solid-js';
import { render } from 'solid-js/web';
import { bundledFile, bundledIndex, givenFile } from '../client/bundled.ts';
import { bridge } from '../client/main-process.ts';
import { arrivedFile, connectMenu, fileSaver } from '../client/main-window.ts';
import { openLibrary } from '../client/open-library.ts';
import { startWorkbench } from '../client/workbench.ts';
import { parseLink } from '../state/link.ts';
import { createTrapline, type Trapline, TraplineProvider } from '../state/trapline.ts';
import { Shell } from './shell.tsx';

/** Browsers refuse more than a few hundred changes of the address in half a minute. */
const ADDRESS_MS = 200;

function keepAddress(trapline: Trapline): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const hash = trapline.link();
    if (hash !== '' && hash !== location.hash) history.replaceState(null, '', hash);
    const id = trapline.session.id();
    const mark = trapline.session.position()?.mark;
    if (id !== null && mark !== undefined) void trapline.shelf.keepPlace(id, mark);
  };
  createEffect(
    on([trapline.link, trapline.session.watches, trapline.markers.all], () => (timer ??= setTimeout(write, ADDRESS_MS)), { defer: true }),
  );
  addEventListener('pagehide', () => timer !== undefined && write());
  addEventListener('hashchange', () => {
    const { recording, target } = parseLink(location.hash);
    if (recording !== null && trapline.session.summary()?.id.startsWith(recording) === true && target !== null)
      void trapline.session.seek(target);
    else void trapline.shelf.start({ recording, target });
  });
}

/** The file named when the workbench was started: `?open=given/NAME`. */
function givenName(search: string): string | null {
  const open = new URLSearchParams(search).get('open');
  return open?.startsWith('given/') === true ? open.slice('given/'.length) : null;
}

async function start(): Promise<void> {
  const link = parseLink(location.hash);
  const sentences: string[] = [];
  let tell = (sentence: string) => void sentences.push(sentence);
  const library = await openLibrary((sentence) => tell(sentence));
  let crashed = (sentence: string) => void sentences.push(sentence);
  const { api } = startWorkbench((sentence) => crashed(sentence));
  createRoot(() => {
    const trapline = createTrapline(api, library, {
      bundled: bundledIndex,
      bundledFile,
      givenFile,
      saveFile: fileSaver(bridge()),
      arrived: () => arrivedFile(bridge()),
    });
    connectMenu(bridge(), trapline.commands);
    bridge()?.onGiven(() => void trapline.shelf.takeArrived());
    crashed = (sentence) => void trapline.setCrash(sentence);
    tell = (sentence) => void trapline.session.note({ tone: 'info', title: 'The library', text: sentence });
    keepAddress(trapline);
    render(
      () => (
        <TraplineProvider value={trapline}>
          <Shell />
        </TraplineProvider>
      ),
      document.getElementById('root')!,
    );
    addEventListener('unhandledrejection', (event) => {
      trapline.session.fail(
        'Something inside Trapline failed',
        `${String((event.reason as Error | undefined)?.message ?? event.reason)}. This is a defect of Trapline; what is in the library is safe.`,
      );
    });
    // another window may have recorded, renamed or deleted meanwhile
    addEventListener('focus', () => void trapline.shelf.refresh());
    for (const sentence of sentences) tell(sentence);
    void trapline.shelf.start(link, givenName(location.search));
  });
}

void start();
