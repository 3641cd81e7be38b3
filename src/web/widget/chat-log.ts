import type { ParticipantId, Seq } from '../../base/ids.ts'
import type { Entry, LineEntry, MessageEntry } from '../timeline.ts'
import { element, icon, lineNode, markdownNodes } from './dom-build.ts'

/** What the log shows at one moment. */
export interface LogView {
  readonly me: ParticipantId
  readonly entries: readonly Entry[]
  readonly nameOf: (id: ParticipantId) => string
  /** How far somebody else has read. */
  readonly seenSeq: Seq
}

export interface LogActs {
  /** Sends a refused message again. */
  retry(key: string): void
  /** Gives a refused message up. */
  discard(key: string): void
}

interface Shown {
  readonly node: HTMLElement
  entry: Entry
  look: string
}

// So near to the end, the reader follows the conversation.
const FOLLOW_PIXELS = 60
const GROUP_MS = 5 * 60_000
const CLOCK = 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18'
const WARNING = 'M12 8v5M12 16.5v.01M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18'

/**
 * The log of a conversation in the page: `role=log`, so that screen readers tell what is added. Nodes are kept by the
 * entry's id and changed in place: a message that becomes durable is the same node before and after.
 */
export class ChatLog {
  readonly node = element('div', {
    class: 'log',
    role: 'log',
    'aria-live': 'polite',
    'aria-label': 'Messages',
    tabindex: '0',
  })
  readonly latest = element('button', { class: 'latest', type: 'button', hidden: true, onclick: () => this.follow() })
  readonly #acts: LogActs
  readonly #time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
  readonly #day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
  readonly #shown = new Map<string, Shown>()
  #days = new Map<string, HTMLElement>()
  #following = true

  constructor(acts: LogActs) {
    this.#acts = acts
    this.latest.append('Newest messages')
    this.node.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.node
      this.#following = scrollHeight - scrollTop - clientHeight < FOLLOW_PIXELS
      if (this.#following) this.latest.hidden = true
    })
  }

  /** Goes to the newest message and stays with it. */
  follow(): void {
    this.#following = true
    this.latest.hidden = true
    this.node.scrollTop = this.node.scrollHeight
  }

  update(view: LogView): void {
    const before = this.#shown.size
    const wanted: HTMLElement[] = []
    const days = new Map<string, HTMLElement>()
    view.entries.forEach((entry, index) => {
      const previous = view.entries[index - 1]
      const day = entry.at === undefined ? undefined : this.#day.format(entry.at)
      if (day !== undefined && !days.has(day)) {
        const node = this.#days.get(day) ?? element('div', { class: 'day' }, day)
        days.set(day, node)
        // One day needs no headline; the second one makes both worth telling.
        if (days.size > 1 || hasAnotherDay(view.entries, day, this.#day)) wanted.push(node)
      }
      wanted.push(this.#nodeFor(entry, previous, view.entries[index + 1], view))
    })
    this.#days = days
    this.#place(wanted)
    const kept = new Set(view.entries.map((entry) => entry.id))
    for (const id of [...this.#shown.keys()].filter((key) => !kept.has(key))) this.#shown.delete(id)
    if (this.#following) this.follow()
    else if (this.#shown.size > before) this.latest.hidden = false
  }

  #nodeFor(entry: Entry, previous: Entry | undefined, next: Entry | undefined, view: LogView): HTMLElement {
    const look = lookOf(entry, previous, next, view)
    const shown = this.#shown.get(entry.id)
    if (shown && shown.look === look) return shown.node
    const node = shown?.node ?? element('div')
    if (entry.kind === 'line') fillLine(node, entry)
    else this.#fillMessage(node, entry, look, view)
    this.#shown.set(entry.id, { node, entry, look })
    return node
  }

  #fillMessage(node: HTMLElement, entry: MessageEntry, look: string, view: LogView): void {
    const mine = entry.from === view.me
    node.className = `message ${look}`
    // The bubble stays the same node while marks around it change: nothing is announced twice.
    const bubble = node.querySelector('.bubble') ?? element('div', { class: 'bubble' }, ...markdownNodes(entry.blocks))
    const who = element('p', { class: 'who' }, view.nameOf(entry.from))
    const speaker = element('span', { class: 'hint' }, mine ? 'You: ' : `${view.nameOf(entry.from)}: `)
    const parts = [...(look.includes('first') && !mine ? [who] : [speaker]), bubble, ...this.#meta(entry, look)]
    if (node.childElementCount === 0) node.append(...parts)
    else {
      for (const child of [...node.children]) if (child !== bubble) child.remove()
      bubble.before(...parts.slice(0, parts.indexOf(bubble)))
      bubble.after(...parts.slice(parts.indexOf(bubble) + 1))
    }
  }

  #meta(entry: MessageEntry, look: string): readonly HTMLElement[] {
    const { key } = entry
    if (entry.state === 'refused' && key !== undefined)
      return [
        element(
          'div',
          { class: 'meta refused' },
          icon(WARNING),
          'Not accepted',
          element('button', { type: 'button', onclick: () => this.#acts.retry(key) }, 'Try again'),
          element('button', { type: 'button', onclick: () => this.#acts.discard(key) }, 'Remove'),
        ),
      ]
    if (entry.state === 'waiting') return [element('div', { class: 'meta waiting' }, icon(CLOCK), 'Not sent yet')]
    if (!look.includes('last') || entry.at === undefined) return []
    const time = this.#time.format(entry.at)
    return [element('div', { class: 'meta' }, look.includes('seen') ? `${time} · Seen` : time)]
  }

  /** Brings the children into order, touching only what is out of place. */
  #place(wanted: readonly HTMLElement[]): void {
    const kept = new Set<Element>(wanted)
    for (const child of [...this.node.children]) if (!kept.has(child)) child.remove()
    wanted.forEach((node, index) => {
      const there = this.node.children[index]
      if (there !== node) this.node.insertBefore(node, there ?? null)
    })
  }
}

function fillLine(node: HTMLElement, entry: LineEntry): void {
  node.className = 'line'
  node.replaceChildren(lineNode(entry))
}

/** The classes of a message: whose it is, its place in a run of one speaker, its state. */
function lookOf(entry: Entry, previous: Entry | undefined, next: Entry | undefined, view: LogView): string {
  if (entry.kind === 'line') return 'line'
  const mine = entry.from === view.me
  // The last of mine that was seen says so, and only that one.
  const seen = mine && entry.seq !== undefined && entry.seq <= view.seenSeq
  const nextSeen = next && next.kind !== 'line' && next.from === view.me && (next.seq ?? Infinity) <= view.seenSeq
  return [
    mine ? 'mine' : 'theirs',
    sameRun(previous, entry) ? '' : 'first',
    sameRun(entry, next) ? '' : 'last',
    entry.state,
    seen && !nextSeen ? 'seen' : '',
  ].join(' ')
}

function sameRun(one: Entry | undefined, other: Entry | undefined): boolean {
  if (!one || !other || one.kind === 'line' || other.kind === 'line' || one.from !== other.from) return false
  return one.at === undefined || other.at === undefined || other.at - one.at < GROUP_MS
}

function hasAnotherDay(entries: readonly Entry[], day: string, format: Intl.DateTimeFormat): boolean {
  const last = entries.findLast((entry) => entry.at !== undefined)
  return last?.at !== undefined && format.format(last.at) !== day
}
