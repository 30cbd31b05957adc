// One register drawn to the bit: name, bits, position and meaning of each field.
import { Index } from 'solid-js';
import type { DecodedField } from '../base/control-fields.ts';
import './bit-fields.css';

export function BitFields(props: { readonly fields: readonly DecodedField[] }) {
  return (
    <dl class="bits">
      <Index each={props.fields}>
        {(field) => (
          <div class="bf" classList={{ hot: field().hot }}>
            <dt>{field().name}</dt>
            <dd class="cells" aria-label={`bits ${field().position}: ${field().bits}`}>
              <Index each={[...field().bits]}>{(bit) => <i classList={{ one: bit() === '1' }}>{bit()}</i>}</Index>
            </dd>
            <dd class="pos" aria-hidden="true">
              {field().position}
            </dd>
            <dd class="mean">{field().meaning}</dd>
          </div>
        )}
      </Index>
    </dl>
  );
}
