// Control flow of a region as WebAssembly's structured blocks. Any graph will do: a loop with several entries gets a dispatch node for a
// header, which goes where a state variable says; what is then reducible is written by its dominator tree, without code twice
// (N. Ramsey, "Beyond Relooper", 2022). Knows nothing of instructions.
import type { FunctionBuilder } from '../../wasm/function.ts';

export interface Edge {
  to: number;
  /** Node that dispatch nodes on the way should go to in the end; undefined: `to` is where it goes. */
  state: number | undefined;
}

export type Exit =
  | { readonly k: 'none' }
  | { readonly k: 'goto'; readonly edge: Edge }
  | { readonly k: 'branch'; readonly yes: Edge; readonly no: Edge }
  /** By an i32 on the stack; out of range is impossible. */
  | { readonly k: 'switch'; readonly edges: readonly Edge[] };

export interface FlowNode {
  readonly exit: Exit;
  /** Writes the node's code. For a branch it returns the local with the condition; for a switch it leaves the index on the stack. */
  readonly emit: (f: FunctionBuilder) => number;
}

export const edge = (to: number): Edge => ({ to, state: undefined });

export function edgesOf(exit: Exit): readonly Edge[] {
  if (exit.k === 'none') return [];
  if (exit.k === 'goto') return [exit.edge];
  return exit.k === 'branch' ? [exit.yes, exit.no] : exit.edges;
}

/** Strongly connected components of the nodes in `inside`, those with a cycle only. */
function cycles(nodes: readonly FlowNode[], inside: ReadonlySet<number>): number[][] {
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const found: number[][] = [];
  const visit = (root: number): void => {
    const work: { node: number; edges: readonly Edge[]; next: number }[] = [];
    const enter = (node: number): void => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      stack.push(node);
      onStack.add(node);
      work.push({ node, edges: edgesOf(nodes[node]!.exit), next: 0 });
    };
    enter(root);
    while (work.length > 0) {
      const top = work.at(-1)!;
      const e = top.edges[top.next++];
      if (e !== undefined) {
        if (!inside.has(e.to)) continue;
        if (!index.has(e.to)) enter(e.to);
        else if (onStack.has(e.to)) low.set(top.node, Math.min(low.get(top.node)!, index.get(e.to)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(top.node)!));
      if (low.get(top.node) !== index.get(top.node)) continue;
      const members: number[] = [];
      for (let n = -1; n !== top.node; ) {
        n = stack.pop()!;
        onStack.delete(n);
        members.push(n);
      }
      if (members.length > 1 || top.edges.some((x) => x.to === top.node)) found.push(members.sort((a, b) => a - b));
    }
  };
  for (const n of inside) if (!index.has(n)) visit(n);
  return found;
}

/** Gives every loop one header, adding dispatch nodes where one has several. `state` is the local they go by. */
function singleEntries(nodes: FlowNode[], state: number): void {
  const work: ReadonlySet<number>[] = [new Set(nodes.keys())];
  for (let inside = work.pop(); inside !== undefined; inside = work.pop()) {
    for (const members of cycles(nodes, inside)) {
      const loop = new Set(members);
      const entries = new Set<number>();
      nodes.forEach((n, from) => {
        if (!loop.has(from)) for (const e of edgesOf(n.exit)) if (loop.has(e.to)) entries.add(e.to);
      });
      let header = [...entries].sort((a, b) => a - b)[0];
      if (header === undefined) continue; // cannot be reached
      if (entries.size > 1) {
        const chosen = header;
        const first = Math.min(...entries);
        const edges = Array.from({ length: Math.max(...entries) - first + 1 }, (_, i) => edge(entries.has(first + i) ? first + i : chosen));
        const dispatch = nodes.length;
        nodes.forEach((n, from) => {
          for (const e of edgesOf(n.exit)) {
            if (!entries.has(e.to) || (loop.has(from) && e.to !== chosen)) continue;
            e.state ??= e.to;
            e.to = dispatch;
          }
        });
        // An edge that already has a state leads to a dispatch node, which is not an entry with a number of its own in `state`.
        const emit = (f: FunctionBuilder): number => {
          f.get(state);
          f.i32(first);
          f.op('i32.sub');
          return -1;
        };
        nodes.push({ exit: { k: 'switch', edges }, emit });
        header = dispatch;
        loop.add(dispatch);
      }
      loop.delete(header);
      if (loop.size > 0) work.push(loop);
    }
  }
}

/** Writes the graph from its root; every path must end in a node of exit `none` whose code does not fall through. */
export function emitFlow(f: FunctionBuilder, nodes: FlowNode[], root: number): void {
  const state = f.local('i32');
  const index = f.local('i32');
  singleEntries(nodes, state);

  const order: number[] = [];
  const seen = new Set<number>([root]);
  const work = [{ node: root, next: 0 }];
  while (work.length > 0) {
    const top = work.at(-1)!;
    const e = edgesOf(nodes[top.node]!.exit)[top.next++];
    if (e === undefined) {
      order.push(top.node);
      work.pop();
    } else if (!seen.has(e.to)) {
      seen.add(e.to);
      work.push({ node: e.to, next: 0 });
    }
  }
  order.reverse();
  const rank = new Int32Array(nodes.length).fill(-1);
  order.forEach((n, i) => {
    rank[n] = i;
  });

  // Immediate dominators (Cooper, Harvey, Kennedy), in ranks.
  const before: number[][] = order.map(() => []);
  const merges = new Set<number>();
  const headers = new Set<number>();
  for (const n of order) {
    const { exit } = nodes[n]!;
    for (const e of edgesOf(exit)) {
      const to = rank[e.to]!;
      if (to <= rank[n]!) headers.add(e.to);
      else if (exit.k === 'switch' || before[to]!.some((p) => p < to)) merges.add(e.to);
      before[to]!.push(rank[n]!);
    }
  }
  const idom = new Int32Array(order.length).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < order.length; i++) {
      let d = -1;
      for (const p of before[i]!) {
        if (idom[p] === -1) continue;
        if (d === -1) d = p;
        else {
          let a = p;
          while (a !== d) {
            if (a > d) a = idom[a]!;
            else d = idom[d]!;
          }
        }
      }
      if (idom[i] !== d) {
        idom[i] = d;
        changed = true;
      }
    }
  }
  const children: number[][] = order.map(() => []);
  for (let i = 1; i < order.length; i++) children[idom[i]!]!.push(i);

  const forward = new Map<number, number>();
  const backward = new Map<number, number>();
  const follow = (from: number, e: Edge): void => {
    if (e.state !== undefined) {
      f.i32(e.state);
      f.set(state);
    }
    if (rank[e.to]! <= from) f.br(backward.get(e.to)!);
    else if (merges.has(e.to)) f.br(forward.get(e.to)!);
    else tree(rank[e.to]!);
  };
  const direct = (from: number, e: Edge): number | undefined =>
    e.state !== undefined ? undefined : rank[e.to]! <= from ? backward.get(e.to) : forward.get(e.to);

  const body = (i: number): void => {
    const node = nodes[order[i]!]!;
    const local = node.emit(f);
    const { exit } = node;
    if (exit.k === 'goto') follow(i, exit.edge);
    else if (exit.k === 'branch') {
      f.get(local);
      const yes = direct(i, exit.yes);
      if (yes !== undefined) f.brIf(yes);
      else {
        f.if();
        follow(i, exit.yes);
        f.end();
      }
      follow(i, exit.no);
    } else if (exit.k === 'switch') {
      // A case that sets the state goes through a block of its own.
      const special = exit.edges.filter((e) => e.state !== undefined || rank[e.to]! <= i);
      const labels = new Map<Edge, number>();
      if (special.length > 0) f.set(index);
      for (const e of special.toReversed()) labels.set(e, f.block());
      if (special.length > 0) f.get(index);
      const all = exit.edges.map((e) => labels.get(e) ?? forward.get(e.to)!);
      f.brTable(all, all[0]!);
      for (const e of special) {
        f.end();
        follow(i, e);
      }
    }
  };
  const within = (i: number, followers: readonly number[]): void => {
    const last = followers.at(-1);
    if (last === undefined) return body(i);
    forward.set(order[last]!, f.block());
    within(i, followers.slice(0, -1));
    f.end();
    forward.delete(order[last]!);
    tree(last);
  };
  const tree = (i: number): void => {
    const n = order[i]!;
    const followers = children[i]!.filter((c) => merges.has(order[c]!)).sort((a, b) => a - b);
    const loop = headers.has(n);
    if (loop) backward.set(n, f.loop());
    within(i, followers);
    if (loop) {
      f.end();
      backward.delete(n);
    }
  };
  tree(0);
}
