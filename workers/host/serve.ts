// Makes a session and answers for it at an endpoint. The only file that puts session, pause and clock together for a worker.
import { type Endpoint, expose } from 'comlink';
import { Session } from '../session/session.ts';
import { makePause } from './pause.ts';

/** One session for the life of the worker. */
export function serve(endpoint?: Endpoint): Session {
  const session = new Session({ pause: makePause(), now: () => performance.now() });
  expose(session, endpoint);
  return session;
}
