// A moment of the recording as something to click: every Mark shown anywhere goes there.
import { formatMark, type Mark } from '../../workers/base/mark.ts';
import { columnMark } from '../base/format.ts';
import { useTrapline } from '../state/trapline.ts';

export function MarkLink(props: { readonly mark: Mark; readonly text?: string }) {
  const { session } = useTrapline();
  return (
    <button type="button" class="link" aria-label={`Go to ${formatMark(props.mark)}`} onClick={() => void session.seek(props.mark)}>
      {props.text ?? columnMark(props.mark)}
    </button>
  );
}
