import type { ConversationId } from '../../base/ids.ts'
import type { ClientCommand, ClientFrame } from '../../protocol/client-frames.ts'
import type { Sent, Settled } from './conversation-handle.ts'
import { KeyedTimers } from './keyed-timers.ts'
import {
  emptyOutbox,
  floorOf,
  markSent,
  nextUnsent,
  OUTBOX_MAX,
  type Outbox,
  type OutboxEntry,
  put,
  settle,
  storedEntries,
  unsend,
} from './outbox-decision.ts'
import type { ConnectionPorts } from './ports.ts'

/** The way out, while there is one. */
export interface WayOut {
  /** Larger frames would cost the socket. */
  readonly frameBytes: number
  send(text: string): void
}

/** What a sender needs of its connection. */
interface SenderConnection {
  wayOut(): WayOut | undefined
  /** A conversation that nothing is known of yet may not exist before its attachment made it. */
  maySpeak(conversation: ConversationId): boolean
  changed(conversation: ConversationId): void
}

/** Keeps what was said until it is answered: in memory, in storage, and on its way in order. */
export class CommandSender {
  readonly #ports: ConnectionPorts
  readonly #connection: SenderConnection
  readonly #settling = new Map<string, (settled: Settled) => void>()
  /** Conversations that wait a moment before they are tried again. */
  readonly #holding: KeyedTimers
  #outbox: Outbox
  #saving = false

  constructor(ports: ConnectionPorts, connection: SenderConnection) {
    this.#ports = ports
    this.#connection = connection
    this.#holding = new KeyedTimers(ports.clock)
    // A page load is a new instance: a duplicated tab has a copy of the storage, and must not go on counting.
    this.#outbox = emptyOutbox(ports.random.id(), entriesIn(ports.storage.load()))
  }

  get instance(): string {
    return this.#outbox.instance
  }

  /** A command is on its way and has no answer. */
  get waiting(): boolean {
    return this.#outbox.entries.some(({ sent }) => sent)
  }

  /** Commands without an answer, oldest first. */
  unsent(conversation: ConversationId): readonly OutboxEntry[] {
    return this.#outbox.entries.filter((entry) => entry.conversation === conversation)
  }

  send(conversation: ConversationId, command: ClientCommand): Sent {
    const key = this.#ports.random.id()
    if (this.#outbox.entries.length >= OUTBOX_MAX)
      return { key, settled: Promise.resolve({ kind: 'refused', code: 'busy' }) }
    this.#outbox = put(this.#outbox, conversation, key, command)
    const settled = new Promise<Settled>((resolve) => this.#settling.set(key, resolve))
    this.#changed(conversation)
    this.flush()
    return { key, settled }
  }

  settle(conversation: ConversationId, key: string, settled: Settled): void {
    this.#outbox = settle(this.#outbox, conversation, key)
    const resolve = this.#settling.get(key)
    this.#settling.delete(key)
    resolve?.(settled)
    this.#changed(conversation)
    this.flush()
  }

  /** Everything unanswered of the conversation goes again, in order; the key makes what arrived harmless. */
  again(conversation: ConversationId, afterMs: number): void {
    this.#holding.set(conversation, afterMs, () => {
      this.#outbox = unsend(this.#outbox, conversation)
      this.flush()
    })
  }

  /** The line is gone: nothing counts as sent, and nothing waits for what that line was asked to wait for. */
  lineLost(): void {
    this.#outbox = unsend(this.#outbox)
    this.#holding.clear()
  }

  /** Sends what may go now. */
  flush(): void {
    for (;;) {
      const wayOut = this.#connection.wayOut()
      const entry = wayOut && nextUnsent(this.#outbox, (conversation) => this.#mayGo(conversation))
      if (!entry) return
      const { conversation, key, n, instance, command } = entry
      const text = JSON.stringify({
        type: 'send',
        conversation,
        key,
        n,
        floor: floorOf(this.#outbox, entry),
        ...(instance !== this.instance && { instance }),
        body: command,
      } satisfies ClientFrame)
      // The server would close the socket over it, again and again.
      if (byteLength(text) > wayOut.frameBytes)
        return this.settle(conversation, key, { kind: 'refused', code: 'too-large' })
      this.#outbox = markSent(this.#outbox, entry)
      wayOut.send(text)
    }
  }

  #mayGo(conversation: ConversationId): boolean {
    return !this.#holding.has(conversation) && this.#connection.maySpeak(conversation)
  }

  #changed(conversation: ConversationId): void {
    this.#connection.changed(conversation)
    this.#save()
  }

  /** At the end of the turn: what a burst brings is written together, and no reload comes before. */
  #save(): void {
    if (this.#saving) return
    this.#saving = true
    void Promise.resolve().then(() => {
      this.#saving = false
      this.#ports.storage.save(JSON.stringify(this.#outbox.entries))
    })
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

/** What an earlier load of the page left unanswered. */
function entriesIn(text: string | undefined): readonly OutboxEntry[] {
  try {
    return storedEntries(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}
