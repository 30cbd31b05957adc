// A 64-bit value with quiet leading zeros.
import { quietHex } from '../base/format.ts';

export function Hex(props: { readonly value: bigint; readonly digits?: number }) {
  const parts = () => quietHex(props.value, props.digits);
  return (
    <span class="mono hex">
      <span class="z">{parts().zeros}</span>
      {parts().rest}
    </span>
  );
}
