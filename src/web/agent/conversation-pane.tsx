import { Button, Skeleton } from '@mantine/core'
import { type RefObject, useEffect, useState } from 'react'
import type { Cancel } from '../../base/clock.ts'
import type { RefusalCode } from '../../base/refusals.ts'
import type { ConversationModel } from '../conversation-model.ts'
import { type Entry, nameOf, type Timeline } from '../timeline.ts'
import { visitorName } from './agent-facts.ts'
import { MessageLog, QuietLine } from './message-log.tsx'
import { ReplyForm, type ReplyMode } from './reply-form.tsx'
import { TransferForm } from './transfer-form.tsx'
import { useConversation } from './use-conversation.ts'

/** One conversation: what was said, where to answer, and what else can be done with it. */
export function ConversationPane(props: {
  model: ConversationModel
  me: { readonly id: string; readonly name: string }
  agents: readonly { readonly id: string; readonly name: string }[]
  mode: ReplyMode
  field: RefObject<HTMLTextAreaElement | null>
  /** Tells when the pane is asked for the transfer form from outside (keyboard). */
  onTransferAsked: (listener: () => void) => Cancel
  onMode: (mode: ReplyMode) => void
  onSeen: (seq: number) => void
}) {
  const { model, me } = props
  const view = useConversation(model)
  const [transferring, setTransferring] = useState(false)
  const { timeline } = view
  const closed = timeline.closed !== undefined
  useEffect(() => props.onTransferAsked(() => setTransferring(true)), [props.onTransferAsked])
  useSeenWhileShown(timeline.headSeq, props.onSeen)

  const join = () => {
    if (!timeline.present.has(me.id) && !view.joining) model.send({ type: 'join' })
  }
  const send = (text: string) => {
    if (props.mode === 'note') return model.send({ type: 'note', text })
    join()
    model.send({ type: 'message', format: 'markdown', text })
  }
  return (
    <section className="pane" aria-label={`Conversation with ${visitorName(timeline)}`}>
      <header className="pane-head">
        <div>
          <h2>{visitorName(timeline)}</h2>
          <p>{view.loaded ? aboutOf(timeline) : ' '}</p>
        </div>
        <Button size="xs" variant="default" disabled={closed || !view.loaded} onClick={() => setTransferring(true)}>
          Transfer
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={closed || !view.loaded}
          onClick={() => {
            join()
            model.send({ type: 'close', reason: 'by-agent' })
          }}
        >
          End
        </Button>
      </header>
      {transferring && (
        <TransferForm
          agents={props.agents.filter(({ id }) => id !== me.id)}
          onCancel={() => setTransferring(false)}
          onTransfer={(to) => {
            setTransferring(false)
            join()
            model.send({ type: 'transfer', to: to.id, name: to.name })
          }}
        />
      )}
      {view.loaded ? (
        <MessageLog
          timeline={timeline}
          entries={withoutOpening(view.entries)}
          me={me.id}
          seenSeq={view.seenByOthers}
          onRetry={(key) => model.retry(key)}
          onDiscard={(key) => model.discard(key)}
        />
      ) : (
        <LoadingLog ended={view.ended} />
      )}
      <div className="passing">
        <p className="typing">{typingText(timeline, view.typing)}</p>
        <p className="notice" role="status">
          {view.notice && <QuietLine {...view.notice} />}
        </p>
      </div>
      {closed ? (
        <p className="ended">This conversation has ended. Notes can no longer be added.</p>
      ) : (
        <ReplyForm
          disabled={!view.loaded}
          mode={props.mode}
          field={props.field}
          onMode={props.onMode}
          onTyping={() => model.typing()}
          onSend={send}
        />
      )}
    </section>
  )
}

/** What is on the screen of a page that is looked at has been seen. */
function useSeenWhileShown(headSeq: number, onSeen: (seq: number) => void): void {
  useEffect(() => {
    const mark = () => {
      if (!document.hidden) onSeen(headSeq)
    }
    mark()
    document.addEventListener('visibilitychange', mark)
    return () => document.removeEventListener('visibilitychange', mark)
  })
}

function LoadingLog(props: { ended: RefusalCode | undefined }) {
  if (props.ended !== undefined)
    return (
      <div className="log-frame empty">
        <h3>This conversation cannot be shown</h3>
        <p>
          {props.ended === 'conversation-damaged'
            ? 'What is stored of it is damaged. The operators see it in their log; it comes back once it is repaired.'
            : 'It does not exist, or your token does not reach it.'}
        </p>
      </div>
    )
  return (
    <div className="log-frame loading" aria-busy="true">
      {[1, 2, 3].map((place) => (
        <Skeleton key={place} className="message-skeleton" radius={12} />
      ))}
    </div>
  )
}

function aboutOf(timeline: Timeline): string {
  const agent = timeline.agent === undefined ? 'no agent yet' : `with ${nameOf(timeline, timeline.agent)}`
  return timeline.subject === undefined ? agent : `${timeline.subject} · ${agent}`
}

function typingText(timeline: Timeline, typing: readonly string[]): string {
  const names = typing.map((id) => nameOf(timeline, id))
  if (names.length === 0) return ''
  return names.length === 1 ? `${names[0]} is typing…` : `${names.join(' and ')} are typing…`
}

// That the visitor is there goes without saying.
function withoutOpening(entries: readonly Entry[]): readonly Entry[] {
  const [first] = entries
  return first?.kind === 'line' && first.type === 'joined' ? entries.slice(1) : entries
}
