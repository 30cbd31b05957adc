// The bridge between the window and Electron's main process. Exposes named functions; never ipcRenderer itself, never an event.
import { contextBridge, ipcRenderer } from 'electron';
import { GIVEN_EVENT, IPC_CHANNELS, MACHINE_PORT, MENU_EVENT, type TraplineBridge } from '../ipc/contract.ts';

const bridge: TraplineBridge = {
  call: (channel, request) => {
    if (!IPC_CHANNELS.includes(channel)) return Promise.reject(new Error('no such channel'));
    return ipcRenderer.invoke(channel, request);
  },
  onGiven: (listener) => {
    const hear = (): void => listener();
    ipcRenderer.on(GIVEN_EVENT, hear);
    return () => {
      ipcRenderer.off(GIVEN_EVENT, hear);
    };
  },
  onMenu: (listener) => {
    const hear = (_event: unknown, id: unknown): void => {
      if (typeof id === 'string') listener(id);
    };
    ipcRenderer.on(MENU_EVENT, hear);
    return () => {
      ipcRenderer.off(MENU_EVENT, hear);
    };
  },
  connectMachine: () => {
    // A MessagePort cannot cross the context bridge; the page gets it by a message to itself.
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(MACHINE_PORT, null, [port1]);
    window.postMessage(MACHINE_PORT, window.location.origin, [port2]);
  },
};

contextBridge.exposeInMainWorld('trapline', bridge);
