// Debian's own arm64 busybox on the machine: its output is that of the host's tools, its scripts do what a shell's do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { eventsOf, runBusybox, type GuestRun } from '../../support/run-guest.ts';
import { testWith, toolPath } from '../../support/tools.ts';

/** A file with some order in it: lines of numbers and words. */
const lines = Array.from({ length: 2000 }, (_, i) => `${(i * 7919) % 2003} ${['ant', 'bee', 'cow', 'dog'][i % 4]} line ${i}`);
const text = `${lines.join('\n')}\n`;
const binary = Uint8Array.from({ length: 200_000 }, (_, i) => ((i * 2654435761) >>> 13) & 0xff);

function ended(run: GuestRun, code = 0): string {
  expect(run.stop, run.output.slice(-500)).toEqual({ kind: 'exited', code, signal: null });
  expect(eventsOf(run, 'unknown-syscall').map((e) => e.fields.name)).toEqual([]);
  return run.stdout;
}

/** Runs a script under busybox's ash on the machine and, where the host has these tools, under its sh: same output. */
function sameAsHost(name: string, script: string, tools: readonly string[], expected: string): void {
  testWith(
    ['busybox'],
    name,
    () => {
      const run = runBusybox(['ash', '-c', `cd /tmp; ${script}`], { files: { '/tmp/t': text, '/tmp/b': binary } });
      const output = ended(run);
      expect(output).toContain(expected);
      if (process.platform !== 'linux' || tools.some((tool) => toolPath(tool) === undefined)) return;
      const folder = mkdtempSync(join(tmpdir(), 'trapline-host-'));
      try {
        writeFileSync(join(folder, 't'), text);
        writeFileSync(join(folder, 'b'), binary);
        const host = spawnSync('sh', ['-c', script], {
          cwd: folder,
          encoding: 'latin1',
          env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
        });
        expect(output).toBe(host.stdout);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    120_000,
  );
}

describe('digests', () => {
  for (const algorithm of ['sha256', 'md5', 'sha1', 'sha512'] as const) {
    testWith(['busybox'], `${algorithm}sum of a file named with --file`, () => {
      const run = runBusybox([`${algorithm}sum`, '/big.bin'], { files: { '/big.bin': binary } });
      expect(ended(run)).toBe(`${createHash(algorithm).update(binary).digest('hex')}  /big.bin\n`);
    });
  }
});

describe('gzip', () => {
  testWith(['busybox'], 'what it packs the host unpacks', () => {
    const run = runBusybox(['gzip', '-c'], { stdin: text });
    expect(gunzipSync(Buffer.from(ended(run), 'latin1')).toString()).toBe(text);
  });
  testWith(['busybox'], 'what the host packs it unpacks', () => {
    const run = runBusybox(['gunzip', '-c'], { stdin: gzipSync(text) });
    expect(ended(run)).toBe(text);
  });
  sameAsHost(
    'gzip piped to gunzip',
    'gzip < b | gunzip | md5sum',
    ['gzip', 'gunzip', 'md5sum'],
    createHash('md5').update(binary).digest('hex'),
  );
});

describe('tools give what the host gives', () => {
  sameAsHost('sort by number', 'sort -n t | head -50; sort -k2,2 -k1,1nr t | tail -50; sort -u t | wc -l', ['sort'], '0 ant line 0\n');
  sameAsHost(
    'awk',
    `awk '{ s += $1; n[$2]++ } END { print s; for (k in n) print k, n[k] }' t | sort; awk -F' ' 'NR % 500 == 0 { printf "%05d %s %.3f\\n", $1, toupper($2), $1 / 7 }' t`,
    ['awk'],
    'ant 500',
  );
  sameAsHost('sed', `sed -n 's/^\\([0-9]*\\) bee line \\(.*\\)9$/<\\2:\\1>/p' t; sed '/ant/d; 10q' t; sed -n '$='  t`, ['sed'], '2000');
  sameAsHost(
    'tar',
    'mkdir -p d/e; cp t d/e/; echo hello > d/f; ln -s f d/g; ln d/f d/h; tar cf a.tar d; tar tf a.tar | sort; rm -r d; tar xf a.tar; cat d/g d/h; md5sum d/e/t; ls d; readlink d/g',
    ['tar', 'md5sum'],
    'd/e/t',
  );
  sameAsHost('bc', "echo 'scale=30; 4*a(1); 2^200; sqrt(2); e(1)' | bc -l", ['bc'], '3.14159265358979323846264338');
  sameAsHost(
    'text tools',
    "cut -d' ' -f2 t | sort | uniq -c | tr -s ' '; tr a-z A-Z < t | tail -2; od -An -tx1 b | head -3; wc -w < t; grep -c 7 t; fold -w 7 t | head -3; rev t | head -2",
    ['cut', 'rev'],
    'DOG',
  );
  sameAsHost(
    'xargs and find',
    'seq 1 1000 | xargs -n 100 echo | cut -c1-20; mkdir -p x/y; touch x/1 x/y/2; find x | sort; seq 1 500 | paste -s -d+ - | head -c 60',
    ['xargs'],
    'x/y/2',
  );
});

describe('ash scripts do what the host sh does', () => {
  sameAsHost(
    'pipes, subshells, here-documents',
    'x=$(echo a | (read y; echo "$y$y")); (x=1; echo in $x); echo out $x; cat <<E | while read a b; do echo "$b-$a"; done\n1 one\n2 two\nE\n{ echo 1; echo 2; } | tail -1',
    [],
    'out aa\none-1\ntwo-2\n',
  );
  sameAsHost(
    'traps and statuses',
    "trap 'echo bye' EXIT; trap 'echo usr1' USR1; kill -USR1 $$; (trap 'echo sub' EXIT; exit 3); echo $?; sh -c 'kill -TERM $$' 2>/dev/null; echo $?; false || echo ok; true && echo and",
    [],
    'usr1\nsub\n3\n',
  );
  sameAsHost(
    'functions, arithmetic, patterns',
    'f() { [ $1 -gt 0 ] && f $(($1 - 1)); printf "%s " $1; }; f 5; echo; p=/a/b.tar.gz; echo ${p##*/} ${p%.*} ${#p} $((7 * 6 % 5)); case abc in a*) echo star;; esac',
    [],
    '0 1 2 3 4 5',
  );
  sameAsHost(
    'jobs in the background',
    'sleep 0.05 & a=$!; (exit 4) & wait $!; echo $?; wait $a; echo $?; for i in 1 2 3; do (echo $i > j$i) & done; wait; cat j1 j2 j3',
    [],
    '4\n0\n1\n2\n3\n',
  );
  sameAsHost(
    'redirections',
    'exec 3> o; echo three >&3; exec 3>&-; cat o; ls nothing 2>&1 > /dev/null | wc -l; echo app >> o; wc -l < o; echo err >&2 2>/dev/null; echo x | tee p | cat - o; set -C; (echo y > p) 2>/dev/null || echo kept; cat p',
    ['tee'],
    'three',
  );

  testWith(['busybox'], 'the status of a script is the status of the machine', () => {
    ended(runBusybox(['sh', '-c', 'exit 42']), 42);
  });

  testWith(['busybox'], 'standard input reaches the commands of a script in pieces', () => {
    const run = runBusybox(['sh', '-c', 'read first; echo "first $first"; sort -r'], { stdin: 'zero\none\ntwo\nthree\n' });
    expect(ended(run)).toBe('first zero\ntwo\nthree\none\n');
  });

  testWith(['busybox'], 'a script file starts by its interpreter', () => {
    const run = runBusybox(['sh', '-c', 'chmod +x /tmp/s; /tmp/s one two'], { files: { '/tmp/s': '#!/busybox sh\necho "$0 $# $2"\n' } });
    expect(ended(run)).toBe('/tmp/s 2 two\n');
  });

  testWith(['busybox'], 'a walk of /proc ends', () => {
    const run = runBusybox(['sh', '-c', 'find /proc -name task; ls /proc/$$/task/$$ | grep -c task; grep -m1 Features /proc/cpuinfo']);
    expect(ended(run)).toBe('/proc/1/task\n/proc/2/task\n0\nFeatures\t: fp asimd crc32 atomics asimdrdm lrcpc\n');
  });

  testWith(['busybox'], 'processes show in /proc', () => {
    const run = runBusybox([
      'sh',
      '-c',
      'cat /proc/$$/comm; ps | grep -c busybox; cat /proc/self/cmdline | tr "\\0" " "; grep -c stack /proc/self/maps; ls /proc/self/fd | head -3',
    ]);
    expect(ended(run)).toMatch(/^busybox\n[1-9]\n.*cat \/proc\/self\/cmdline 1\n0\n1\n2\n$/);
  });
});
