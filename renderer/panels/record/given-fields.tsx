// What a program is given besides its arguments: files of the person's with their paths in the guest, environment, standard input.
import { Index, Show } from 'solid-js';
import { plural, shownBytes } from '../../base/format.ts';
import { fileProblems, type GivenFile, guestPathOf, readEnvironment } from './given.ts';
import { programPathOf, type RecordForm } from './model.ts';

export function GivenFields(props: { readonly form: RecordForm; readonly change: (part: Partial<RecordForm>) => void }) {
  const problems = () => fileProblems(props.form.files, programPathOf(props.form));
  const env = () => readEnvironment(props.form.env);
  const envError = () => {
    const read = env();
    return read.ok ? null : read.error;
  };
  const mistaken = () => envError() !== null || problems().some((text) => text !== null);
  const about = () => {
    const read = env();
    const parts = [
      ...(props.form.files.length > 0 ? [plural(props.form.files.length, 'file')] : []),
      ...(read.ok && read.value.length > 0 ? [plural(read.value.length, 'variable')] : []),
      ...(props.form.stdin === '' ? [] : [plural(new TextEncoder().encode(props.form.stdin).length, 'byte')]),
    ];
    return parts.length === 0 ? 'none' : parts.join(', ');
  };
  async function add(list: FileList | null): Promise<void> {
    const added = await Promise.all(
      [...(list ?? [])].map(
        async (file): Promise<GivenFile> => ({
          name: file.name,
          path: guestPathOf(file.name),
          data: new Uint8Array(await file.arrayBuffer()),
        }),
      ),
    );
    props.change({ files: [...props.form.files, ...added] });
  }
  const setPath = (n: number, path: string) =>
    props.change({ files: props.form.files.map((file, m) => (m === n ? { ...file, path } : file)) });
  return (
    <details class="given">
      <summary>
        Files, environment, standard input{' '}
        <span class={mistaken() ? 'c-bad' : 'mid'}>{mistaken() ? 'something here is not right yet' : about()}</span>
      </summary>
      <fieldset>
        <legend>Files the program may read</legend>
        <Index each={props.form.files}>
          {(file, n) => (
            <>
              <div class="line">
                <span class="clip mid" title={file().name}>
                  {file().name}, {shownBytes(file().data.length)}
                </span>
                <input
                  class="field mono"
                  aria-label={`Path of ${file().name} in the guest`}
                  value={file().path}
                  spellcheck={false}
                  autocomplete="off"
                  aria-invalid={problems()[n] !== null}
                  onInput={(event) => setPath(n, event.currentTarget.value)}
                />
                <button
                  type="button"
                  class="ib"
                  aria-label={`Leave out ${file().name}`}
                  onClick={() => props.change({ files: props.form.files.filter((_, m) => m !== n) })}
                >
                  ×
                </button>
              </div>
              <Show when={problems()[n]}>
                {(text) => (
                  <p class="c-bad" role="alert">
                    {text()}
                  </p>
                )}
              </Show>
            </>
          )}
        </Index>
        <label class="btn sm">
          Add files…
          <input
            type="file"
            multiple
            class="sr"
            onChange={(event) => {
              const input = event.currentTarget;
              void add(input.files).then(() => (input.value = ''));
            }}
          />
        </label>
      </fieldset>
      <label>
        <span>Environment, NAME=value a line</span>
        <textarea
          class="field mono"
          rows={3}
          spellcheck={false}
          value={props.form.env}
          aria-invalid={envError() !== null}
          onInput={(event) => props.change({ env: event.currentTarget.value })}
        />
      </label>
      <Show when={envError()}>{(text) => <p class="c-bad">{text()}</p>}</Show>
      <label>
        <span>Standard input, as typed</span>
        <textarea
          class="field mono"
          rows={3}
          spellcheck={false}
          value={props.form.stdin}
          onInput={(event) => props.change({ stdin: event.currentTarget.value })}
        />
      </label>
    </details>
  );
}
