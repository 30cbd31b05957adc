// Why the access about to be made hits, or does not: the conditions of each slot in order, each with the event that made it so.
import { createMemo, createResource, For, onMount, Show } from 'solid-js';
import type { WhyCondition, WhySlot } from '../../../workers/api/workbench-api.ts';
import { useTrapline } from '../../state/trapline.ts';
import { CommandButton } from '../../widgets/command-button.tsx';
import { MarkLink } from '../../widgets/mark-link.tsx';
import { Panel } from '../../widgets/panel.tsx';
import { aboutText, accessText, failing, headline, openSlots, ownerName, sinceText, slotName, verdictText } from './model.ts';
import './why.css';

export function Why() {
  const { session } = useTrapline();
  let top!: HTMLParagraphElement;
  const [asked] = createResource(session.position, async (position) => {
    const answer = await session.api.why({ mark: position.mark, cpu: null, slot: null, access: null });
    session.say(answer.ok ? `Why: ${headline(answer.value)}` : answer.error);
    return answer;
  });
  const answer = createMemo(() => {
    const got = asked.latest;
    return got?.ok === true ? got.value : null;
  });
  const failed = () => (asked.latest?.ok === false ? asked.latest.error : '');
  const opened = createMemo(() => (answer() === null ? [] : openSlots(answer()!)));
  onMount(() => top.focus());
  return (
    <Panel
      name="why"
      label="Why"
      title="Why?"
      about={answer() === null ? '' : aboutText(answer()!, session.symbols())}
      tools={<CommandButton command="look.why" text="Close" />}
    >
      <div class="pb why" aria-busy={asked.loading}>
        <p class="verdict" tabindex="0" data-entry ref={top}>
          {answer() === null ? failed() : headline(answer()!)}
        </p>
        <Show when={answer()?.note}>{(note) => <p class="mid remark">{sentence(note())}</p>}</Show>
        <For each={answer()?.slots ?? []}>
          {(slot) => (
            <details class="whyslot" classList={{ hit: slot.verdict === 'hit' }} open={opened().includes(slotName(slot))}>
              <summary>
                <span class="b">{slotName(slot)}</span> <span class="mono clip">{ownerName(slot)}</span>
                <span class="grow" />
                <span classList={{ 'c-hit': slot.verdict === 'hit', mid: slot.verdict !== 'hit' }}>{verdictText(slot)}</span>
              </summary>
              <Conditions slot={slot} />
            </details>
          )}
        </For>
      </div>
    </Panel>
  );
}

function Conditions(props: { readonly slot: WhySlot }) {
  const { session } = useTrapline();
  return (
    <>
      <Show when={props.slot.access}>{(access) => <p class="dim remark">{sentence(accessText(access(), session.symbols()))}</p>}</Show>
      <Show when={props.slot.note}>{(note) => <p class="mid remark">{sentence(note())}</p>}</Show>
      <ol class="conditions" aria-label={`Conditions of ${slotName(props.slot)}`}>
        <For each={props.slot.conditions}>
          {(condition) => <Condition condition={condition} first={condition === failing(props.slot)[0]} />}
        </For>
      </ol>
    </>
  );
}

function Condition(props: { readonly condition: WhyCondition; readonly first: boolean }) {
  const { session } = useTrapline();
  return (
    <li
      classList={{ fails: !props.condition.ok }}
      title={`${props.condition.name}${props.condition.ref === '' ? '' : `, ${props.condition.ref}`}`}
    >
      <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
        <path
          d={props.condition.ok ? 'M-4.5 0.5L-1.5 3.5L4.5 -3.5' : 'M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5'}
          fill="none"
          stroke={props.condition.ok ? 'var(--ok-c)' : 'var(--bad-c)'}
          stroke-width="1.8"
        />
      </svg>
      <div class="said">
        <span class="sr">{props.condition.ok ? 'holds: ' : 'fails: '}</span>
        <Show when={!props.condition.ok}>
          <p class="b">Not so: {props.condition.name}.</p>
        </Show>
        <p>{props.condition.text}</p>
        <Show when={props.first && props.condition.by !== null && props.condition.since}>
          {(since) => (
            <button type="button" class="btn sm" onClick={() => void session.seek(since())}>
              Go to the {sinceText(props.condition)} that made it so
            </button>
          )}
        </Show>
      </div>
      <Show when={props.condition.since} fallback={<span class="dim since">this access</span>}>
        {(since) => (
          <span class="since">
            <span class="dim">{sinceText(props.condition)}</span> <MarkLink mark={since()} />
          </span>
        )}
      </Show>
    </li>
  );
}

/** With a capital and a full stop. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
