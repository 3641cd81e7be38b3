import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { Attachment } from '../protocol/conversation-port.ts'
import { charactersOf, eventTexts, FRAME_CHARACTERS, frameSized } from './event-texts.ts'

export type SendFrame = Extract<ClientFrame, { type: 'send' }>

/** One conversation as one client looks at it: how far it has it, and what it is owed. */
export class ConversationView {
  readonly conversation: ConversationId
  attachment: Attachment | undefined
  /** Commands that wait until the conversation is open; `undefined` once it is. */
  held: SendFrame[] | undefined
  /** It fell so far behind that it was detached; it goes on behind its last event once the socket has room. */
  lagging = false
  #lastSeq: Seq
  #owed: (readonly EventRecord[])[] = []
  #owedCharacters = 0

  constructor(conversation: ConversationId, after: Seq) {
    this.conversation = conversation
    this.#lastSeq = after
  }

  /** Everything up to here was written to the socket. */
  get lastSeq(): Seq {
    return this.#lastSeq
  }

  get owes(): boolean {
    return this.#owed.length > 0
  }

  get owedCharacters(): number {
    return this.#owedCharacters
  }

  owe(records: readonly EventRecord[]): void {
    this.#owedCharacters += charactersOf(records)
    if (records.length > 0) this.#owed.push(...frameSized(records))
  }

  /** Detached; of what was owed the first part is kept, the rest is asked for again when that is written. */
  fallBehind(charactersKept: number): void {
    this.detach()
    this.lagging = true
    let kept = 0
    let characters = 0
    for (const records of this.#owed) {
      const more = characters + charactersOf(records)
      if (kept > 0 && more > charactersKept) break
      kept += 1
      characters = more
    }
    this.#owed.length = kept
    this.#owedCharacters = characters
  }

  detach(): void {
    this.attachment?.detach()
    this.attachment = undefined
  }

  /** One frame of what is owed, and how many events are in it. */
  takeFrame(seesAll: boolean): { text: string; events: number } {
    const parts: string[] = []
    let characters = 0
    let events = 0
    for (;;) {
      const [next] = this.#owed
      if (!next || (parts.length > 0 && characters + charactersOf(next) > FRAME_CHARACTERS)) break
      this.#owed.shift()
      characters += charactersOf(next)
      events += next.length
      this.#lastSeq = next.at(-1)?.seq ?? this.#lastSeq
      parts.push(eventTexts(next, seesAll))
    }
    this.#owedCharacters -= characters
    return { text: `{"type":"events","conversation":"${this.conversation}","events":[${parts.join(',')}]}`, events }
  }
}
