import type { Cancel, Clock } from '../base/clock.ts'
import type { ParticipantId, Seq } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'
import type { ClientCommand, WireEvent } from '../protocol/client-frames.ts'
import type { ConversationStatus } from '../protocol/conversation-port.ts'
import type { ConversationHandle } from './connection/connect.ts'
import {
  EMPTY_TIMELINE,
  type Entry,
  entriesWith,
  extend,
  type NoticeLine,
  noticeLine,
  type Timeline,
  type UnsentCommand,
} from './timeline.ts'

/** What a page shows of a conversation, as a value: the same object as long as nothing changed. */
export interface ConversationView {
  readonly timeline: Timeline
  /** The timeline's entries, then what is not in the log yet. */
  readonly entries: readonly Entry[]
  /** Something of the conversation is known. */
  readonly loaded: boolean
  /** One's own joining is on its way. */
  readonly joining: boolean
  /** Who else types now. */
  readonly typing: readonly ParticipantId[]
  /** How far anybody else has read. */
  readonly seenByOthers: Seq
  /** The latest notice that is not kept, for a while. */
  readonly notice?: NoticeLine
  readonly status: ConversationStatus
  /** By the clock's monotonic time. */
  readonly statusSinceMs: number
  /** The conversation cannot be shown, and why. */
  readonly ended?: RefusalCode
}

// A sign that its sender never takes back (a closed laptop) fades by itself.
const TYPING_SHOWN_MS = 8_000
// Long enough to read it and to follow where it leads.
const NOTICE_SHOWN_MS = 15_000
const TYPING_SAID_EVERY_MS = 3_000
const TYPING_OVER_AFTER_MS = 4_000

/**
 * One conversation of a page, between its handle and whatever shows it: what came, what is on its way, what was
 * refused, who types. A message stays visible from the moment it is sent: also between its acknowledgement and its
 * event, whichever comes first.
 */
export class ConversationModel {
  readonly #handle: ConversationHandle
  readonly #me: ParticipantId
  readonly #clock: Clock
  readonly #listeners = new Set<() => void>()
  readonly #cancels: Cancel[]
  /** What was sent by this model and has no event yet. */
  readonly #own = new Map<string, UnsentCommand>()
  readonly #typing = new Map<ParticipantId, Cancel>()
  #timeline = EMPTY_TIMELINE
  #notice: NoticeLine | undefined
  #cancelNotice: Cancel = () => {}
  #seenByOthers: Seq = 0
  #seenByMe: Seq = 0
  #status: ConversationStatus
  #statusSinceMs: number
  #ended: RefusalCode | undefined
  #view: ConversationView
  #typingSaidMs = Number.NEGATIVE_INFINITY
  #cancelTypingOver: Cancel = () => {}

  constructor(handle: ConversationHandle, options: { me: ParticipantId; clock: Clock }) {
    this.#handle = handle
    this.#me = options.me
    this.#clock = options.clock
    this.#status = handle.status
    this.#statusSinceMs = options.clock.monotonicMs()
    this.#timeline = extend(this.#timeline, handle.events)
    this.#view = this.#look()
    this.#cancels = [
      handle.onEvents.listen((events) =>
        this.#took(() => {
          // A damaged conversation was repaired.
          this.#ended = undefined
          this.#extend(events)
        }),
      ),
      handle.onUnsent.listen(() => this.#took(() => {})),
      handle.onTyping.listen(({ from, on }) => this.#took(() => this.#heardTyping(from, on))),
      handle.onNotice.listen((notice) => this.#took(() => this.#heardNotice(noticeLine(notice)))),
      handle.onSeen.listen(({ from, seq }) => this.#took(() => this.#heardSeen(from, seq))),
      handle.onStatus.listen((status) => this.#took(() => this.#turned(status))),
      handle.onEnded.listen((code) =>
        this.#took(() => {
          this.#ended = code
        }),
      ),
    ]
  }

  /** What is known now. Bound, so that it can be handed to whoever renders. */
  readonly view = (): ConversationView => this.#view

  /** Calls back after every change. */
  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  send(command: ClientCommand): void {
    this.#typingOver()
    const { key, settled } = this.#handle.send(command)
    this.#took(() => this.#own.set(key, { key, command, refused: false }))
    void settled.then((outcome) => {
      if (outcome.kind === 'ack' || !this.#own.has(key)) return
      // What nobody sees needs no mark: joining twice, closing twice.
      const visible = command.type === 'message' || command.type === 'note'
      this.#took(() => {
        if (visible) this.#own.set(key, { key, command, refused: true })
        else this.#own.delete(key)
      })
    })
  }

  /** Sends what was refused again, as something new: the refusal of the first was final. */
  retry(key: string): void {
    const unsent = this.#own.get(key)
    if (!unsent?.refused) return
    this.discard(key)
    this.send(unsent.command)
  }

  discard(key: string): void {
    if (this.#own.get(key)?.refused) this.#took(() => this.#own.delete(key))
  }

  /** Somebody typed here: tells the others, seldom enough. */
  typing(): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#typingSaidMs >= TYPING_SAID_EVERY_MS) {
      this.#typingSaidMs = nowMs
      this.#handle.typing(true)
    }
    this.#cancelTypingOver()
    this.#cancelTypingOver = this.#clock.after(TYPING_OVER_AFTER_MS, () => this.#typingOver())
  }

  /** Everything that is here has been seen: tells the others once. */
  seen(): void {
    if (this.#timeline.headSeq <= this.#seenByMe) return
    this.#seenByMe = this.#timeline.headSeq
    this.#handle.seen(this.#seenByMe)
  }

  /** Looks away; the conversation goes on without this page. */
  close(): void {
    for (const cancel of [...this.#cancels, ...this.#typing.values(), this.#cancelTypingOver, this.#cancelNotice])
      cancel()
    this.#listeners.clear()
    this.#handle.detach()
  }

  #extend(events: readonly WireEvent[]): void {
    this.#timeline = extend(this.#timeline, events)
    for (const event of events) {
      if (event.from === this.#me && event.key !== undefined) this.#own.delete(event.key)
      // Who has spoken does not type any more.
      if (event.type === 'message') this.#heardTyping(event.from, false)
    }
  }

  #heardTyping(from: ParticipantId, on: boolean): void {
    this.#typing.get(from)?.()
    this.#typing.delete(from)
    if (!on || from === this.#me) return
    const fade = () => this.#took(() => this.#typing.delete(from))
    this.#typing.set(from, this.#clock.after(TYPING_SHOWN_MS, fade))
  }

  #heardNotice(notice: NoticeLine): void {
    this.#notice = notice
    this.#cancelNotice()
    this.#cancelNotice = this.#clock.after(NOTICE_SHOWN_MS, () =>
      this.#took(() => {
        this.#notice = undefined
      }),
    )
  }

  #heardSeen(from: ParticipantId, seq: Seq): void {
    if (from !== this.#me) this.#seenByOthers = Math.max(this.#seenByOthers, seq)
  }

  #turned(status: ConversationStatus): void {
    this.#status = status
    this.#statusSinceMs = this.#clock.monotonicMs()
  }

  #typingOver(): void {
    this.#cancelTypingOver()
    if (this.#typingSaidMs === Number.NEGATIVE_INFINITY) return
    this.#typingSaidMs = Number.NEGATIVE_INFINITY
    this.#handle.typing(false)
  }

  #took(change: () => void): void {
    change()
    this.#view = this.#look()
    for (const listener of [...this.#listeners]) listener()
  }

  #look(): ConversationView {
    // First what an earlier load of the page left in the outbox, then what this one sent.
    const earlier = this.#handle.unsent.filter(({ key }) => !this.#own.has(key))
    const unsent = [...earlier.map(({ key, command }) => ({ key, command, refused: false })), ...this.#own.values()]
    return {
      timeline: this.#timeline,
      entries: entriesWith(this.#timeline, this.#me, unsent),
      loaded: this.#timeline.headSeq > 0,
      joining: unsent.some(({ command }) => command.type === 'join'),
      typing: [...this.#typing.keys()],
      seenByOthers: this.#seenByOthers,
      ...(this.#notice && { notice: this.#notice }),
      status: this.#status,
      statusSinceMs: this.#statusSinceMs,
      ...(this.#ended !== undefined && { ended: this.#ended }),
    }
  }
}
