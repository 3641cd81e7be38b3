import type { ParticipantId, Seq } from '../base/ids.ts'
import type { CloseReason, EventBodies, EventType, Role } from '../conversation/event.ts'
import type { ClientCommand, WireEvent, WireSkip } from '../protocol/client-frames.ts'
import { type Block, parseMarkdown, parsePlain, safeHref } from './markdown-ast.ts'

export interface Person {
  readonly name: string
  readonly role: Role
}

/** Something that somebody wrote. Its `id` stays the same from the keystroke to the log, so that nothing jumps. */
export interface MessageEntry {
  readonly kind: 'message' | 'note' | 'whisper'
  readonly id: string
  readonly from: ParticipantId
  readonly blocks: readonly Block[]
  /** Absent until it is in the log. */
  readonly seq?: Seq
  readonly at?: number
  /** `refused` stays until it is sent again or given up. */
  readonly state: 'stored' | 'waiting' | 'refused'
  readonly key?: string
}

/** Something that happened: one quiet line. */
export interface LineEntry {
  readonly kind: 'line'
  readonly id: string
  readonly from: ParticipantId
  readonly seq: Seq
  readonly at: number
  readonly type: EventType
  readonly text: string
  readonly href?: string
}

/** What is shown of a notice, kept or not. */
export type NoticeLine = Pick<LineEntry, 'text' | 'href'>

export type Entry = MessageEntry | LineEntry

/** What a page knows of a conversation, as a value: every batch of events makes another one. */
export interface Timeline {
  readonly headSeq: Seq
  readonly people: ReadonlyMap<ParticipantId, Person>
  /** Who is there now. */
  readonly present: ReadonlySet<ParticipantId>
  readonly entries: readonly Entry[]
  readonly subject?: string
  /** The agent whose conversation it is, as far as the events say. */
  readonly agent?: ParticipantId
  readonly closed?: CloseReason
}

/** A command that is on its way or was refused. */
export interface UnsentCommand {
  readonly key: string
  readonly command: ClientCommand
  readonly refused: boolean
}

export const EMPTY_TIMELINE: Timeline = { headSeq: 0, people: new Map(), present: new Set(), entries: [] }

/** The timeline after more events. What it knows already is passed over; types of newer versions leave no entry. */
export function extend(timeline: Timeline, events: readonly (WireEvent | WireSkip)[]): Timeline {
  let next = timeline
  const entries: Entry[] = []
  for (const event of events) {
    if (event.seq <= next.headSeq) continue
    next = { ...next, headSeq: event.seq }
    if (!isEvent(event)) continue
    next = { ...next, ...factsOf(next, event) }
    const entry = entryOf(next, event)
    if (entry) entries.push(entry)
  }
  return entries.length === 0 ? next : { ...next, entries: [...timeline.entries, ...entries] }
}

/** What one participant sees: the log, then what it wrote that is not in the log yet. */
export function entriesWith(timeline: Timeline, me: ParticipantId, unsent: readonly UnsentCommand[]): readonly Entry[] {
  const stored = new Set(timeline.entries.flatMap((entry) => ('key' in entry && entry.from === me ? [entry.key] : [])))
  const waiting = unsent.flatMap(({ key, command, refused }): Entry[] => {
    if (stored.has(key)) return []
    if (command.type !== 'message' && command.type !== 'note') return []
    const blocks = command.type === 'note' ? parseMarkdown(command.text) : blocksOf(command)
    return [{ kind: command.type, id: entryId(me, key), from: me, blocks, state: refused ? 'refused' : 'waiting', key }]
  })
  return waiting.length === 0 ? timeline.entries : [...timeline.entries, ...waiting]
}

/** Messages of others after a position. */
export function unreadAfter(timeline: Timeline, me: ParticipantId, seen: Seq): number {
  return timeline.entries.filter((entry) => entry.kind !== 'line' && entry.from !== me && (entry.seq ?? 0) > seen)
    .length
}

export function nameOf(timeline: Timeline, id: ParticipantId): string {
  return timeline.people.get(id)?.name ?? id
}

/** A notice as one quiet line, which leads only where it is safe to go. */
export function noticeLine({ notice, url }: { notice: string; url?: string }): NoticeLine {
  const href = url === undefined ? undefined : safeHref(url)
  return { text: notice, ...(href !== undefined && { href }) }
}

function isEvent(event: WireEvent | WireSkip): event is WireEvent {
  return event.type !== 'skip'
}

/** The body of an event whose type was checked: our own servers wrote it. */
function bodyOf<Type extends EventType>(event: WireEvent, _type: Type): EventBodies[Type] {
  return event.body as unknown as EventBodies[Type]
}

function factsOf(timeline: Timeline, event: WireEvent): Partial<Timeline> {
  switch (event.type) {
    case 'opened': {
      const { subject } = bodyOf(event, 'opened')
      return subject === undefined ? {} : { subject }
    }
    case 'joined': {
      const { role, name } = bodyOf(event, 'joined')
      const people = new Map(timeline.people).set(event.from, { role, name })
      const agent = role === 'agent' && timeline.agent === undefined ? { agent: event.from } : {}
      return { people, present: new Set(timeline.present).add(event.from), ...agent }
    }
    case 'left':
      return { present: new Set([...timeline.present].filter((id) => id !== event.from)) }
    case 'transferred': {
      const { to, name } = bodyOf(event, 'transferred')
      const known = timeline.people.has(to)
        ? timeline.people
        : new Map(timeline.people).set(to, { role: 'agent', name })
      return { agent: to, people: known }
    }
    case 'closed':
      return { closed: bodyOf(event, 'closed').reason }
    default:
      return {}
  }
}

function entryOf(timeline: Timeline, event: WireEvent): Entry | undefined {
  const { seq, at, from } = event
  const place = { id: entryId(from, event.key ?? `#${seq}`), from, seq, at }
  const stored = { ...place, state: 'stored' as const, ...(event.key !== undefined && { key: event.key }) }
  if (event.type === 'message') return { kind: 'message', ...stored, blocks: blocksOf(bodyOf(event, 'message')) }
  if (event.type === 'note' || event.type === 'whisper')
    return { kind: event.type, ...stored, blocks: parseMarkdown(bodyOf(event, event.type).text) }
  const line = lineOf(timeline, event)
  return line && { kind: 'line', ...place, ...line }
}

function entryId(from: ParticipantId, key: string): string {
  return `${from} ${key}`
}

function blocksOf(body: { readonly format: 'text' | 'markdown'; readonly text: string }): readonly Block[] {
  return body.format === 'markdown' ? parseMarkdown(body.text) : parsePlain(body.text)
}

function lineOf(timeline: Timeline, event: WireEvent): Pick<LineEntry, 'type' | 'text' | 'href'> | undefined {
  const who = nameOf(timeline, event.from)
  switch (event.type) {
    case 'joined':
      return { type: 'joined', text: `${who} joined` }
    case 'contact':
      // Reaches staff alone.
      return { type: 'contact', text: `${who} left an address: ${bodyOf(event, 'contact').email}` }
    case 'left':
      // The line of the transfer says it already.
      return bodyOf(event, 'left').reason === 'transferred' ? undefined : { type: 'left', text: `${who} left` }
    case 'transferred': {
      const { from, name } = bodyOf(event, 'transferred')
      return { type: 'transferred', text: `${nameOf(timeline, from)} handed the conversation to ${name}` }
    }
    case 'idle-alert':
      return { type: 'idle-alert', text: 'Still there? The conversation closes soon without an answer.' }
    case 'rated':
      return { type: 'rated', text: `${who} rated the conversation: ${bodyOf(event, 'rated').score}` }
    case 'closed':
      return { type: 'closed', text: CLOSE_TEXTS[bodyOf(event, 'closed').reason]?.(who) ?? 'The conversation ended' }
    case 'notice':
      return { type: 'notice', ...noticeLine(bodyOf(event, 'notice')) }
    default:
      return undefined
  }
}

const CLOSE_TEXTS: Readonly<Record<CloseReason, (who: string) => string>> = {
  'by-visitor': (who) => `${who} ended the conversation`,
  'by-agent': (who) => `${who} ended the conversation`,
  idle: () => 'The conversation ended after a long silence',
  'by-operator': () => 'The conversation was ended',
  'store-failure': () => 'The conversation was ended because messages could not be kept safe',
}
