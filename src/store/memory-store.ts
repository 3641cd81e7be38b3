import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, NodeName, Owner, ParticipantId, Seq } from '../base/ids.ts'
import type { Document, DocumentStore } from './document-store.ts'
import type {
  BeatOutcome,
  Claimed,
  ClaimOutcome,
  ClaimRequest,
  Damaged,
  HeadRow,
  JoinOutcome,
  LogStore,
  MemberFacts,
  MemberStore,
  Slice,
  SliceOutcome,
  Snapshot,
} from './log-store.ts'
import { MemoryMembers } from './memory-members.ts'
import { MemoryOutboxStore } from './memory-outbox-store.ts'

interface Head {
  epoch: Epoch
  seq: Seq
  owner: Owner | undefined
  offeredTo: Incarnation | undefined
  wakeAt: number | undefined
  /** Why the conversation was set apart. */
  damage: string | undefined
  status: 'open' | 'closed'
  summary: string
  readonly openedAt: number
  changedAt: number
  readonly log: EventRecord[]
  readonly keys: Map<string, { seq: Seq; digest: string }>
  snapshot: Snapshot | undefined
}

const TAIL_MIN = 32

/**
 * The store as a value in memory: for the simulator and for tests. Every call is one step that takes place wholly,
 * and answers by an already resolved promise.
 */
export class MemoryStore implements LogStore, MemberStore, DocumentStore {
  readonly #now: () => number
  readonly #heads = new Map<ConversationId, Head>()
  readonly #members: MemoryMembers
  readonly #guards = new Map<string, string>()
  readonly #documents = new Map<string, Document>()
  readonly outbox: MemoryOutboxStore

  /** `now`: the store's clock, milliseconds since 1970. */
  constructor({ now }: { now: () => number }) {
    this.#now = now
    this.#members = new MemoryMembers(now, (incarnation) =>
      [...this.#heads.values()].some(({ owner }) => owner?.incarnation === incarnation),
    )
    this.outbox = new MemoryOutboxStore(now, (incarnation) => this.#members.isTombstoned(incarnation))
  }

  async open(conversation: ConversationId, by: Owner) {
    if (!this.#members.mayOwn(by)) return { kind: 'claimer-dead' } as const
    const head = this.#heads.get(conversation)
    if (!head) {
      this.#heads.set(conversation, this.#newHead(by))
      return { kind: 'opened', epoch: 1 } as const
    }
    const mine = head.epoch === 1 && head.seq === 0 && head.owner?.incarnation === by.incarnation
    if (mine) return { kind: 'opened', epoch: 1 } as const
    return { kind: 'exists', epoch: head.epoch, ...(head.owner && { owner: head.owner }) } as const
  }

  async claim(requests: readonly ClaimRequest[], by: Owner): Promise<readonly ClaimOutcome[]> {
    return requests.map((request) => this.#claimOne(request, by))
  }

  async adopt(from: readonly Incarnation[], by: Owner, limit: number): Promise<readonly (Claimed | Damaged)[]> {
    if (!this.#members.mayOwn(by)) return []
    const dead = new Set(from.filter((incarnation) => this.#members.isTombstoned(incarnation)))
    const claimed: (Claimed | Damaged)[] = []
    for (const [conversation, head] of this.#heads) {
      if (claimed.length >= limit) break
      if (head.owner && dead.has(head.owner.incarnation)) claimed.push(this.#take(conversation, head, by))
    }
    return claimed
  }

  async setApart(conversation: ConversationId, epoch: Epoch, reason: string): Promise<void> {
    const head = this.#heads.get(conversation)
    if (!head?.owner || head.epoch !== epoch) return
    head.owner = undefined
    head.damage = reason
  }

  async damaged(limit: number, after: ConversationId = '') {
    return [...this.#heads]
      .flatMap(([conversation, { damage }]) =>
        damage === undefined || conversation <= after ? [] : [{ conversation, reason: damage }],
      )
      .sort((a, b) => (a.conversation < b.conversation ? -1 : 1))
      .slice(0, limit)
  }

  /** Loses the last event of a log, as a broken disk may. Answers how to put it back. */
  damage(conversation: ConversationId): () => void {
    const log = this.#heads.get(conversation)?.log
    const lost = log?.splice(-1) ?? []
    return () => void log?.push(...lost)
  }

  async append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]> {
    return slices.map((slice) => this.#appendOne(slice))
  }

  async read(conversation: ConversationId, after: Seq, limit: number) {
    const head = this.#heads.get(conversation)
    return head && { headSeq: head.seq, records: head.log.slice(after, after + limit) }
  }

  async findKey(conversation: ConversationId, sender: ParticipantId, key: string) {
    return this.#heads.get(conversation)?.keys.get(keyName(sender, key))
  }

  async offerHandover(requests: readonly { conversation: ConversationId; epoch: Epoch; to: Owner }[]) {
    return requests.flatMap(({ conversation, epoch, to }) => {
      const head = this.#heads.get(conversation)
      if (!head?.owner || head.epoch !== epoch) return []
      head.offeredTo = to.incarnation
      return [conversation]
    })
  }

  async withdrawHandover(requests: readonly { conversation: ConversationId; epoch: Epoch }[]) {
    return requests.flatMap(({ conversation, epoch }) => {
      const head = this.#heads.get(conversation)
      if (!head?.owner || head.epoch !== epoch) return []
      head.offeredTo = undefined
      return [conversation]
    })
  }

  async release(requests: readonly { conversation: ConversationId; epoch: Epoch; wakeAt?: number }[]) {
    return requests.flatMap(({ conversation, epoch, wakeAt }) => {
      const head = this.#heads.get(conversation)
      if (!head?.owner || head.epoch !== epoch) return []
      head.owner = undefined
      head.offeredTo = undefined
      head.wakeAt = wakeAt
      return [conversation]
    })
  }

  async saveSnapshot(conversation: ConversationId, epoch: Epoch, snapshot: Snapshot): Promise<void> {
    const head = this.#heads.get(conversation)
    if (!head || head.epoch > epoch || snapshot.seq > head.seq) return
    if ((head.snapshot?.seq ?? 0) < snapshot.seq) head.snapshot = snapshot
  }

  async due(limit: number): Promise<readonly ConversationId[]> {
    const now = this.#now()
    const due = [...this.#heads].filter(([, { owner, wakeAt }]) => !owner && wakeAt !== undefined && wakeAt <= now)
    return due.slice(0, limit).map(([conversation]) => conversation)
  }

  async ownedBy(incarnation: Incarnation, limit: number, after: ConversationId = '') {
    return [...this.#heads]
      .filter(([conversation, { owner }]) => owner?.incarnation === incarnation && conversation > after)
      .map(([conversation, { epoch }]) => ({ conversation, epoch }))
      .sort((a, b) => (a.conversation < b.conversation ? -1 : 1))
      .slice(0, limit)
  }

  async ownerOf(conversation: ConversationId): Promise<Owner | undefined> {
    return this.#heads.get(conversation)?.owner
  }

  async list({ status, limit, before }: { status?: 'open' | 'closed'; limit: number; before?: number }) {
    return [...this.#heads]
      .filter(([, head]) => (!status || head.status === status) && (before === undefined || head.changedAt < before))
      .map(([conversation, head]): HeadRow => {
        const { epoch, seq, owner, summary, openedAt, changedAt } = head
        return { conversation, epoch, seq, ...(owner && { owner }), status: head.status, summary, openedAt, changedAt }
      })
      .sort((a, b) => b.changedAt - a.changedAt || (a.conversation < b.conversation ? -1 : 1))
      .slice(0, limit)
  }

  join(self: Owner, facts: MemberFacts): Promise<JoinOutcome> {
    return this.#members.join(self, facts)
  }

  beat(self: Owner, facts: MemberFacts): Promise<BeatOutcome> {
    return this.#members.beat(self, facts)
  }

  tombstone(incarnation: Incarnation, reason: string): Promise<void> {
    return this.#members.tombstone(incarnation, reason)
  }

  tombstoneName(node: NodeName, reason: string): Promise<void> {
    return this.#members.tombstoneName(node, reason)
  }

  async document(name: string): Promise<Document | undefined> {
    return this.#documents.get(name)
  }

  async documents(prefix: string): Promise<readonly Document[]> {
    return [...this.#documents.values()].filter(({ name }) => name.startsWith(prefix))
  }

  async putDocument(name: string, body: string, expect: number) {
    const found = this.#documents.get(name)
    if ((found?.version ?? 0) !== expect) return { kind: 'conflict', ...(found && { found }) } as const
    this.#documents.set(name, { name, version: expect + 1, body })
    return { kind: 'stored', version: expect + 1 } as const
  }

  #newHead(owner: Owner): Head {
    const now = this.#now()
    return {
      epoch: 1,
      seq: 0,
      owner,
      offeredTo: undefined,
      wakeAt: undefined,
      damage: undefined,
      status: 'open',
      summary: '{}',
      openedAt: now,
      changedAt: now,
      log: [],
      keys: new Map(),
      snapshot: undefined,
    }
  }

  #claimOne({ conversation, expect }: ClaimRequest, by: Owner): ClaimOutcome {
    if (!this.#members.mayOwn(by)) return { kind: 'claimer-dead', conversation }
    const head = this.#heads.get(conversation)
    if (!head) return { kind: 'unknown-conversation', conversation }
    const alive = (owner: Owner): ClaimOutcome => ({ kind: 'alive', conversation, epoch: head.epoch, owner })
    if (expect && !meets(head, expect)) return head.owner ? alive(head.owner) : this.#take(conversation, head, by)
    const given = head.owner?.incarnation === by.incarnation || head.offeredTo === by.incarnation
    if (head.owner && !given && !this.#members.mayReplace(head.owner, by)) return alive(head.owner)
    return this.#take(conversation, head, by)
  }

  #take(conversation: ConversationId, head: Head, by: Owner): Claimed | Damaged {
    head.epoch += 1
    head.offeredTo = undefined
    head.wakeAt = undefined
    const last = head.log.at(-1)?.seq ?? 0
    const whole = last === head.seq
    head.owner = whole ? by : undefined
    head.damage = whole ? undefined : `its log ends at ${last}, its head is at ${head.seq}`
    if (!whole) return { kind: 'damaged', conversation }
    const from = Math.max(0, Math.min(head.snapshot?.seq ?? 0, head.seq - TAIL_MIN))
    const tail = head.log.slice(from)
    return {
      kind: 'claimed',
      conversation,
      epoch: head.epoch,
      seq: head.seq,
      ...(head.snapshot && { snapshot: head.snapshot }),
      tail,
    }
  }

  #appendOne(slice: Slice): SliceOutcome {
    const head = this.#heads.get(slice.conversation)
    if (!head) return { kind: 'unknown-conversation' }
    if (head.epoch !== slice.epoch || !head.owner)
      return { kind: 'fenced', epoch: head.epoch, ...(head.owner && { owner: head.owner }) }
    if (head.seq !== slice.expectSeq) return { kind: 'gap', seq: head.seq }
    const fault = this.#faultOf(slice, head)
    if (fault) return fault
    for (const { name, set } of slice.guards ?? []) {
      if (set === null) this.#guards.delete(name)
      else this.#guards.set(name, set)
    }
    this.outbox.add(slice.outbox ?? [])
    for (const record of slice.events) {
      head.log.push(record)
      if (record.key !== undefined)
        head.keys.set(keyName(record.sender, record.key), { seq: record.seq, digest: record.digest ?? '' })
    }
    head.seq += slice.events.length
    head.status = slice.head?.status ?? head.status
    head.summary = slice.head?.summary ?? head.summary
    if (slice.head) head.changedAt = this.#now()
    return { kind: 'ok', seq: head.seq }
  }

  /** What keeps a slice out of the log altogether. */
  #faultOf(slice: Slice, head: Head): SliceOutcome | undefined {
    const fresh = new Set<string>()
    for (const [index, record] of slice.events.entries()) {
      if (record.seq !== slice.expectSeq + index + 1)
        return { kind: 'unstorable', reason: 'the seqs of a slice are not dense' }
      // PostgreSQL cannot hold U+0000 or half a surrogate pair in a text; neither does its double.
      if (record.json.includes('\u0000') || !record.json.isWellFormed())
        return { kind: 'unstorable', reason: 'the text holds U+0000 or half a surrogate pair' }
      if (record.key === undefined) continue
      const name = keyName(record.sender, record.key)
      const seen = head.keys.get(name)
      if (seen) return { kind: 'duplicate', key: record.key, ...seen }
      if (fresh.has(name)) return { kind: 'unstorable', reason: 'a key stands twice in one slice' }
      fresh.add(name)
    }
    for (const { id } of slice.outbox ?? [])
      if (this.outbox.has(id)) return { kind: 'unstorable', reason: `the outbox has ${id} already` }
    for (const { name, expect } of slice.guards ?? []) {
      const found = this.#guards.get(name) ?? null
      if (found !== expect) return { kind: 'guard-failed', name, found }
    }
    return undefined
  }
}

const keyName = (sender: ParticipantId, key: string) => `${sender}\u0000${key}`

function meets(head: Head, expect: { epoch: Epoch; incarnation?: Incarnation }): boolean {
  return (
    head.epoch === expect.epoch && (expect.incarnation === undefined || head.owner?.incarnation === expect.incarnation)
  )
}
