// The record dialog: a bundled program or one of the person's own, its arguments, seed, CPUs and watches; then how it goes, and Stop.
import { createEffect, createMemo, createResource, createSignal, For, Index, Match, Show, Switch } from 'solid-js';
import { grouped, plural, shownBytes, shownRate } from '../../base/format.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Modal } from '../../widgets/modal.tsx';
import { GivenFields } from './given-fields.tsx';
import { fieldErrors, type RecordForm, requestOf } from './model.ts';
import { WatchField } from './watch-field.tsx';
import './record.css';

export function Record() {
  const { session, shelf, program, setDialog, api } = useTrapline();
  const [form, setForm] = createSignal<RecordForm>({
    program: null,
    args: '',
    seed: '1',
    cpus: '1',
    stdin: '',
    files: [],
    env: '',
    watches: [''],
    maxIcount: '',
  });
  const [watchErrors, setWatchErrors] = createSignal<readonly (string | null)[]>([null]);
  const [refused, setRefused] = createSignal<string | null>(null);
  const [inspected] = createResource(
    () => form().program,
    (chosen) => api.inspectProgram(chosen.data),
  );
  const symbols = () => {
    const answer = inspected();
    return answer?.ok === true ? answer.value.symbols : [];
  };
  const programError = () => {
    const answer = inspected();
    return answer?.ok === false ? answer.error : null;
  };
  const change = (part: Partial<RecordForm>) => setForm((now) => ({ ...now, ...part }));
  const errors = createMemo(() => fieldErrors(form()));
  const ready = () =>
    Object.keys(errors()).length === 0 && programError() === null && watchErrors().every((error) => error === null) && !inspected.loading;

  createEffect(() => {
    const given = program();
    if (given !== null) change({ program: given });
  });
  async function choose(file: string): Promise<void> {
    const row = shelf.bundled().programs.find((candidate) => candidate.file === file);
    if (row === undefined) return;
    const data = await shelf.bundledFile(row.file);
    if (!data.ok) return void setRefused(data.error);
    change({ program: { name: row.name, data: data.value }, watches: row.events.length > 0 ? row.events : [''], args: row.args.join(' ') });
    setWatchErrors(row.events.map(() => null));
  }
  async function pick(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (file !== undefined) change({ program: { name: file.name, data: new Uint8Array(await file.arrayBuffer()) } });
  }
  async function start(): Promise<void> {
    if (!ready()) return;
    setRefused(null);
    const answer = await shelf.record(requestOf(form()));
    if (answer.ok) setDialog(null);
    else setRefused(answer.error);
  }
  const setWatch = (n: number, value: string) => change({ watches: form().watches.map((old, m) => (m === n ? value : old)) });
  const setWatchError = (n: number, error: string | null) =>
    setWatchErrors((now) => form().watches.map((_, m) => (m === n ? error : (now[m] ?? null))));
  const removeWatch = (n: number) => {
    change({ watches: form().watches.filter((_, m) => m !== n) });
    setWatchErrors((now) => now.filter((_, m) => m !== n));
  };
  const close = () => (shelf.progress() === null ? setDialog(null) : void shelf.stop());

  return (
    <Modal title="Record a program" close={close}>
      <Switch>
        <Match when={shelf.progress()}>
          {(progress) => (
            <div class="running" role="status">
              <p class="big mono">{grouped(progress().icount)}</p>
              <p class="mid">instructions of {form().program?.name}</p>
              <dl>
                <div>
                  <dt>rate</dt>
                  <dd class="mono">{shownRate(progress().rate)}/s</dd>
                </div>
                <div>
                  <dt>hits</dt>
                  <dd class="mono c-hit">{grouped(progress().hits)}</dd>
                </div>
                <div>
                  <dt>events</dt>
                  <dd class="mono">{grouped(progress().events)}</dd>
                </div>
                <div>
                  <dt>kept</dt>
                  <dd class="mono">{shownBytes(progress().bytes)}</dd>
                </div>
              </dl>
              <button type="button" class="btn pri" onClick={() => void shelf.stop()}>
                Stop here
              </button>
              <p class="dim">Stopping is an ordinary ending: what ran until now is the recording.</p>
            </div>
          )}
        </Match>
        <Match when={true}>
          <form
            class="record"
            onSubmit={(event) => {
              event.preventDefault();
              void start();
            }}
          >
            <fieldset>
              <legend>Program</legend>
              <div class="programs" role="group" aria-label="Bundled programs">
                <For each={shelf.bundled().programs}>
                  {(row) => (
                    <button
                      type="button"
                      class="btn"
                      aria-pressed={form().program?.name === row.name}
                      title={row.about}
                      onClick={() => void choose(row.file)}
                    >
                      {row.name}
                    </button>
                  )}
                </For>
                <label class="btn">
                  Choose a file…
                  <input type="file" class="sr" onChange={(event) => void pick(event.currentTarget.files)} />
                </label>
              </div>
              <p class="mid" aria-live="polite">
                <Show
                  when={form().program}
                  fallback="A static arm64 ELF file: build yours with aarch64-linux-gnu-gcc -static, or drop it on this window."
                >
                  {(chosen) => (
                    <>
                      <b>{chosen().name}</b>, {shownBytes(chosen().data.length)}
                      <Show when={symbols().length > 0}>, {plural(symbols().length, 'symbol')}</Show>
                    </>
                  )}
                </Show>
              </p>
              <Show when={programError()}>
                {(text) => (
                  <p class="c-bad" role="alert">
                    {text()}
                  </p>
                )}
              </Show>
            </fieldset>
            <fieldset>
              <legend>Watches</legend>
              <Index each={form().watches}>
                {(watch, n) => (
                  <WatchField
                    value={watch()}
                    program={form().program?.data ?? null}
                    symbols={symbols()}
                    error={watchErrors()[n] ?? null}
                    setError={(error) => setWatchError(n, error)}
                    change={(value) => setWatch(n, value)}
                    remove={() => removeWatch(n)}
                  />
                )}
              </Index>
              <button type="button" class="btn sm" onClick={() => change({ watches: [...form().watches, ''] })}>
                One more watch
              </button>
            </fieldset>
            <div class="pairs">
              <Text label="Arguments" value={form().args} error={errors().args} change={(args) => change({ args })} wide />
              <Text label="Seed" value={form().seed} error={errors().seed} change={(seed) => change({ seed })} />
              <Text label="CPUs" value={form().cpus} error={errors().cpus} change={(cpus) => change({ cpus })} />
              <Text
                label="Stop after (instructions)"
                value={form().maxIcount}
                error={errors().maxIcount}
                change={(maxIcount) => change({ maxIcount })}
              />
            </div>
            <GivenFields form={form()} change={change} />
            <Show when={refused()}>
              {(text) => (
                <p class="banner bad" role="alert">
                  {text()}
                </p>
              )}
            </Show>
            <footer>
              <span class="dim">{session.summary() === null ? '' : 'The open recording stays in the library.'}</span>
              <span class="grow" />
              <button type="submit" class="btn pri" disabled={!ready()}>
                Record
              </button>
            </footer>
          </form>
        </Match>
      </Switch>
    </Modal>
  );
}

function Text(props: {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly change: (value: string) => void;
  readonly wide?: boolean;
}) {
  return (
    <label classList={{ wide: props.wide === true }}>
      <span>{props.label}</span>
      <input
        class="field mono"
        value={props.value}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={props.error !== undefined}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
      <Show when={props.error}>
        <span class="c-bad">{props.error}</span>
      </Show>
    </label>
  );
}
