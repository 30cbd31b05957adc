// Pipes: a ring of bytes with readers, writers and one queue of sleepers. Kernel names: pipe_read (in two halves), pipe_write.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { SI, SIG } from '../signals/records.ts';
import { send_signal, sig_info } from '../signals/send.ts';
import { new_inode } from './inode.ts';
import { type Inode, PIPE_BUF, PIPE_SIZE, type Pipe } from './records.ts';

export function new_pipe(ctx: KernelContext): Inode {
  const inode = new_inode(ctx, 'pipe', 0o600);
  inode.pipe = { ring: new Uint8Array(0), head: 0, length: 0, readers: 0, writers: 0, queue: { waiters: [] } };
  return inode;
}

/** Everyone who waits for this pipe, or polls, looks again. */
export function pipe_wake(ctx: KernelContext, pipe: Pipe): void {
  ctx.wake_up(pipe.queue, 1000);
  ctx.wake_up(ctx.kernel.poll_queue, 1000);
}

/** Up to `count` bytes, which stay until pipe_consume; null: nothing there yet. Empty at end of file. */
export function pipe_peek(pipe: Pipe, count: number): Uint8Array | null {
  if (pipe.length === 0) return pipe.writers === 0 ? new Uint8Array(0) : null;
  const n = Math.min(count, pipe.length);
  const bytes = new Uint8Array(n);
  const first = Math.min(n, PIPE_SIZE - pipe.head);
  bytes.set(pipe.ring.subarray(pipe.head, pipe.head + first));
  bytes.set(pipe.ring.subarray(0, n - first), first);
  return bytes;
}

/** The first `count` bytes have been read. */
export function pipe_consume(ctx: KernelContext, pipe: Pipe, count: number): void {
  if (count === 0) return;
  pipe.head = (pipe.head + count) % PIPE_SIZE;
  pipe.length -= count;
  pipe_wake(ctx, pipe);
}

/** Bytes taken; 0: no room now (small writes are all or nothing); -EPIPE with SIGPIPE when nobody reads. */
export function pipe_write(ctx: KernelContext, pipe: Pipe, bytes: Uint8Array): number {
  if (pipe.readers === 0) {
    send_signal(ctx, ctx.current, sig_info(SIG.PIPE, SI.USER, { pid: ctx.current.tgid }), false);
    return -ERRNO.EPIPE;
  }
  const room = PIPE_SIZE - pipe.length;
  if (room === 0 || (bytes.length <= PIPE_BUF && bytes.length > room)) return 0;
  if (pipe.ring.length === 0) pipe.ring = new Uint8Array(PIPE_SIZE);
  const n = Math.min(room, bytes.length);
  const tail = (pipe.head + pipe.length) % PIPE_SIZE;
  const first = Math.min(n, PIPE_SIZE - tail);
  pipe.ring.set(bytes.subarray(0, first), tail);
  pipe.ring.set(bytes.subarray(first, n), 0);
  pipe.length += n;
  pipe_wake(ctx, pipe);
  return n;
}
