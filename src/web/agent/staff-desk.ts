import type { Cancel } from '../../base/clock.ts'
import type { ConversationId, ParticipantId, Seq } from '../../base/ids.ts'
import type { RefusedAnswer, TokenAnswer } from '../../protocol/rest-answers.ts'
import { type Connection, connect } from '../connection/connect.ts'
import type { ConnectionState } from '../connection/connection-decision.ts'
import { callRest } from '../console/rest-client-node.ts'
import { keepStaffToken } from '../console/staff-session-node.ts'
import { ConversationModel } from '../conversation-model.ts'
import { pageClock } from '../page-clock-node.ts'

/** What an agent has before them: who they are, how the connection is, which conversations are open. */
export interface DeskView {
  /** Absent until the system said whose token it is. */
  readonly me?: { readonly id: ParticipantId; readonly name: string }
  readonly connection: ConnectionState
  readonly connectionSinceMs: number
  /** The conversations in tabs, in the order of opening. */
  readonly open: readonly ConversationId[]
  readonly selected?: ConversationId
  /** How far this agent has read, in conversations that were opened here. */
  readonly seen: Readonly<Record<ConversationId, Seq>>
  /** The token is of no use any more. */
  readonly refusal?: RefusedAnswer
}

const RETRY_MS = 2_000
// Before the shortest token ends.
const REFRESH_MS = 4 * 60_000

/** The one connection of an agent's page and the conversations on it; keeps its token fresh. */
export class StaffDesk {
  readonly #listeners = new Set<() => void>()
  readonly #models = new Map<ConversationId, ConversationModel>()
  #token: string
  #view: DeskView
  #connection: Connection | undefined
  #stopped = false
  #cancelRefresh: Cancel = () => {}

  constructor(token: string, tabs: Pick<DeskView, 'open' | 'selected' | 'seen'>) {
    this.#token = token
    this.#view = { connection: 'connecting', connectionSinceMs: pageClock.monotonicMs(), ...tabs }
  }

  readonly view = (): DeskView => this.#view

  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Learns whose token it is, then connects. */
  start(): void {
    void this.#keepFresh()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelRefresh()
    for (const model of this.#models.values()) model.close()
    this.#connection?.close()
  }

  /** The model of an open conversation, once there is a connection. */
  model(conversation: ConversationId): ConversationModel | undefined {
    const { me } = this.#view
    if (!this.#connection || !me || !this.#view.open.includes(conversation)) return undefined
    const known = this.#models.get(conversation)
    if (known) return known
    const handle = this.#connection.conversation(conversation)
    const model = new ConversationModel(handle, { me: me.id, clock: pageClock })
    this.#models.set(conversation, model)
    return model
  }

  /** Shows a conversation, in a new tab if it has none. */
  select(conversation: ConversationId): void {
    const open = this.#view.open.includes(conversation) ? this.#view.open : [...this.#view.open, conversation]
    this.#change({ open, selected: conversation })
  }

  /** Closes a tab; the conversation itself goes on. */
  leave(conversation: ConversationId): void {
    const place = this.#view.open.indexOf(conversation)
    const open = this.#view.open.filter((id) => id !== conversation)
    this.#models.get(conversation)?.close()
    this.#models.delete(conversation)
    const { selected, ...rest } = this.#view
    const next = selected === conversation ? (open[place] ?? open.at(-1)) : selected
    this.#view = rest
    this.#change({ open, ...(next !== undefined && { selected: next }) })
  }

  /** Everything of a conversation up to `seq` was on the screen. */
  markSeen(conversation: ConversationId, seq: Seq): void {
    if (seq <= (this.#view.seen[conversation] ?? 0)) return
    this.#models.get(conversation)?.seen()
    this.#change({ seen: { ...this.#view.seen, [conversation]: seq } })
  }

  /** Shows the tab `by` places further, round and round. */
  step(by: number): void {
    const { open, selected } = this.#view
    const place = selected === undefined ? -1 : open.indexOf(selected)
    const next = open.at((place + by + open.length) % open.length)
    if (next !== undefined) this.select(next)
  }

  async #keepFresh(): Promise<void> {
    const answer = await this.#refresh()
    if (this.#stopped) return
    if (answer && !this.#connection) this.#connect(answer)
    this.#cancelRefresh = pageClock.after(this.#connection ? REFRESH_MS : RETRY_MS, () => void this.#keepFresh())
  }

  async #refresh(): Promise<TokenAnswer | undefined> {
    const result = await callRest<TokenAnswer>('/api/tokens/refresh', this.#token, { token: this.#token })
    if (result.kind === 'refused' && result.refusal.definite) this.#change({ refusal: result.refusal })
    if (result.kind !== 'ok') return undefined
    this.#token = result.answer.token
    if (!this.#stopped) keepStaffToken(this.#token)
    return result.answer
  }

  #connect(answer: TokenAnswer): void {
    let atHand: string | undefined = answer.token
    const connection = connect({
      addresses: answer.addresses,
      // Whenever it is asked for again, the last one was refused.
      token: async () => {
        const token = atHand ?? (await this.#refresh())?.token
        atHand = undefined
        if (token === undefined) throw new Error('no fresh token could be had')
        return token
      },
      eventsMax: 0,
      storageKey: 'holdfast:staff-outbox',
    })
    connection.onState.listen((state) =>
      this.#change({ connection: state, connectionSinceMs: pageClock.monotonicMs() }),
    )
    this.#connection = connection
    this.#change({ me: { id: answer.subject, name: answer.name } })
  }

  #change(change: Partial<DeskView>): void {
    this.#view = { ...this.#view, ...change }
    for (const listener of [...this.#listeners]) listener()
  }
}
