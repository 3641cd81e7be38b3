import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ParticipantId, Seq } from '../../base/ids.ts'
import { colourOf, initials } from '../console/console-text.ts'
import { type Entry, type MessageEntry, type NoticeLine, nameOf, type Timeline } from '../timeline.ts'
import { MarkdownView } from './markdown-view.tsx'

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const FOLLOW_PIXELS = 80

export interface MessageActs {
  readonly onRetry: (key: string) => void
  readonly onDiscard: (key: string) => void
}

/** The messages of one conversation. Stays at the end unless the reader has scrolled up. */
export function MessageLog(
  props: {
    timeline: Timeline
    entries: readonly Entry[]
    me: ParticipantId
    seenSeq: Seq
  } & MessageActs,
) {
  const log = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const [behind, setBehind] = useState(false)
  const follow = () => {
    following.current = true
    setBehind(false)
    if (log.current) log.current.scrollTop = log.current.scrollHeight
  }
  const count = props.entries.length
  // After every change, also that of a mark below a message: the end stays in sight.
  useLayoutEffect(() => {
    if (following.current) follow()
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: only more entries are something to go down for
  useEffect(() => {
    if (!following.current) setBehind(true)
  }, [count])
  useEffect(() => {
    const onResize = () => following.current && follow()
    window.addEventListener('resize', onResize)
    return () => window.removeEventListener('resize', onResize)
  })
  const onScroll = () => {
    const node = log.current
    if (!node) return
    following.current = node.scrollHeight - node.scrollTop - node.clientHeight < FOLLOW_PIXELS
    if (following.current) setBehind(false)
  }
  return (
    <div className="log-frame">
      <div
        className="log"
        role="log"
        aria-live="polite"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        ref={log}
        onScroll={onScroll}
      >
        {props.entries.map((entry, index) =>
          entry.kind === 'line' ? (
            <p key={entry.id} className="line">
              <QuietLine {...entry} /> <time className="line-time">{time.format(entry.at)}</time>
            </p>
          ) : (
            <Message key={entry.id} entry={entry} previous={props.entries[index - 1]} {...props} />
          ),
        )}
      </div>
      {behind && (
        <button type="button" className="latest" onClick={follow}>
          Newest messages
        </button>
      )}
    </div>
  )
}

/** What happened, or a notice: text that may lead somewhere. */
export function QuietLine({ text, href }: NoticeLine) {
  return href === undefined ? (
    text
  ) : (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  )
}

function Message(
  props: {
    entry: MessageEntry
    previous: Entry | undefined
    timeline: Timeline
    me: ParticipantId
    seenSeq: Seq
  } & MessageActs,
) {
  const { entry, previous, timeline } = props
  const mine = entry.from === props.me
  const name = mine ? 'You' : nameOf(timeline, entry.from)
  const role = timeline.people.get(entry.from)?.role
  const first = !previous || previous.kind === 'line' || previous.from !== entry.from || previous.kind !== entry.kind
  return (
    <article
      className={`message ${entry.kind} ${mine ? 'mine' : ''} ${role ?? ''} ${first ? 'first' : ''} ${entry.state}`}
    >
      <span className={`face ${first ? '' : 'blank'} hue-${colourOf(entry.from, 8)}`} aria-hidden="true">
        {first ? initials(nameOf(timeline, entry.from)) : ''}
      </span>
      <div className="said">
        {first ? (
          <header>
            <strong>{name}</strong>
            {entry.kind !== 'message' && <span className="hidden-mark">{HIDDEN_MARKS[entry.kind]}</span>}
            {entry.at !== undefined && <time>{time.format(entry.at)}</time>}
          </header>
        ) : (
          <span className="hidden-text">{name}: </span>
        )}
        <div className="text">
          <MarkdownView blocks={entry.blocks} />
        </div>
        <MessageState {...props} seen={mine && entry.seq !== undefined && entry.seq === props.seenSeq} />
      </div>
    </article>
  )
}

const HIDDEN_MARKS = { note: 'Internal note', whisper: 'Whisper' } as const

function MessageState(props: { entry: MessageEntry; seen: boolean } & MessageActs) {
  const { entry } = props
  const { key } = entry
  if (entry.state === 'waiting') return <p className="state waiting">Not sent yet</p>
  if (entry.state === 'refused' && key !== undefined)
    return (
      <p className="state refused">
        Not accepted
        <button type="button" onClick={() => props.onRetry(key)}>
          Try again
        </button>
        <button type="button" onClick={() => props.onDiscard(key)}>
          Remove
        </button>
      </p>
    )
  return props.seen ? <p className="state">Seen</p> : null
}
