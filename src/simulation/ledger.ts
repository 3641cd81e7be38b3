import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, Owner, Seq } from '../base/ids.ts'
import type { LogStore, MemberStore, Slice } from '../store/log-store.ts'

interface Entry {
  readonly records: EventRecord[]
  readonly owners: Map<Epoch, Owner>
  epoch: Epoch
  /** The present epoch was given by handover: its predecessor learns of it a little later. */
  handedOver: boolean
  offered: boolean
  /** Somebody owns it: it does not rest. */
  awake: boolean
}

/**
 * What truly happened in the store, written down from inside: below every latency, lost reply and planted bug. All
 * checkers compare with this, never with what a node believes.
 */
export class Ledger {
  readonly #now: () => number
  readonly #entries = new Map<ConversationId, Entry>()
  readonly #beatAtMs = new Map<Incarnation, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  conversations(): readonly ConversationId[] {
    return [...this.#entries.keys()]
  }

  records(conversation: ConversationId): readonly EventRecord[] {
    return this.#entries.get(conversation)?.records ?? []
  }

  record(conversation: ConversationId, seq: Seq): EventRecord | undefined {
    return this.#entries.get(conversation)?.records[seq - 1]
  }

  headSeq(conversation: ConversationId): Seq {
    return this.#entries.get(conversation)?.records.length ?? 0
  }

  epoch(conversation: ConversationId): Epoch {
    return this.#entries.get(conversation)?.epoch ?? 0
  }

  owner(conversation: ConversationId, epoch: Epoch): Owner | undefined {
    return this.#entries.get(conversation)?.owners.get(epoch)
  }

  /** Whether the present epoch began by a handover rather than by an adoption. */
  handedOver(conversation: ConversationId): boolean {
    return this.#entries.get(conversation)?.handedOver ?? false
  }

  /** Milliseconds since the store took the last beat of an incarnation. */
  beatAgeMs(incarnation: Incarnation): number {
    return this.#now() - (this.#beatAtMs.get(incarnation) ?? Number.NEGATIVE_INFINITY)
  }

  stored(slice: Slice): void {
    this.#entry(slice.conversation).records.push(...slice.events)
  }

  owned(conversation: ConversationId, epoch: Epoch, by: Owner): void {
    const entry = this.#entry(conversation)
    // A successor that claims twice, when asked and when told, is still the one that it was handed to.
    const isAgain = entry.owners.get(entry.epoch)?.incarnation === by.incarnation
    entry.handedOver = entry.offered || (entry.handedOver && isAgain)
    entry.epoch = epoch
    entry.owners.set(epoch, by)
    entry.offered = false
    entry.awake = true
  }

  released(conversation: ConversationId): void {
    this.#entry(conversation).awake = false
  }

  /** Who owns it now; nobody while it rests. */
  presentOwner(conversation: ConversationId): Owner | undefined {
    const entry = this.#entries.get(conversation)
    return entry?.awake ? entry.owners.get(entry.epoch) : undefined
  }

  offered(conversation: ConversationId, isOffered: boolean): void {
    this.#entry(conversation).offered = isOffered
  }

  beaten(incarnation: Incarnation): void {
    this.#beatAtMs.set(incarnation, this.#now())
  }

  #entry(conversation: ConversationId): Entry {
    const known = this.#entries.get(conversation)
    if (known) return known
    const entry: Entry = { records: [], owners: new Map(), epoch: 0, handedOver: false, offered: false, awake: false }
    this.#entries.set(conversation, entry)
    return entry
  }
}

/** The store itself, writing into the ledger. `changed` hears of every slice and every new owner after it is written. */
export function recordedLogStore(store: LogStore, ledger: Ledger, changed: LedgerListener): LogStore {
  const own = (conversation: ConversationId, epoch: Epoch, by: Owner) => {
    const before = ledger.epoch(conversation)
    if (before === epoch) return
    ledger.owned(conversation, epoch, by)
    changed.owned(conversation, epoch, by, before)
  }
  return {
    ...boundLogStore(store),
    async open(conversation, by) {
      const outcome = await store.open(conversation, by)
      if (outcome.kind === 'opened') own(conversation, outcome.epoch, by)
      return outcome
    },
    async claim(requests, by) {
      const outcomes = await store.claim(requests, by)
      for (const outcome of outcomes) if (outcome.kind === 'claimed') own(outcome.conversation, outcome.epoch, by)
      return outcomes
    },
    async adopt(from, by, limit) {
      const outcomes = await store.adopt(from, by, limit)
      for (const outcome of outcomes) if (outcome.kind === 'claimed') own(outcome.conversation, outcome.epoch, by)
      return outcomes
    },
    async append(slices) {
      const outcomes = await store.append(slices)
      for (const [i, slice] of slices.entries()) {
        if (outcomes[i]?.kind !== 'ok') continue
        const headBefore = ledger.headSeq(slice.conversation)
        ledger.stored(slice)
        changed.stored(slice, headBefore)
      }
      return outcomes
    },
    async release(requests) {
      const released = await store.release(requests)
      for (const conversation of released) ledger.released(conversation)
      return released
    },
    async offerHandover(requests) {
      const named = await store.offerHandover(requests)
      for (const conversation of named) ledger.offered(conversation, true)
      return named
    },
    async withdrawHandover(requests) {
      const kept = await store.withdrawHandover(requests)
      for (const conversation of kept) ledger.offered(conversation, false)
      return kept
    },
  }
}

/** Hears of what the ledger wrote down. */
export interface LedgerListener {
  stored(slice: Slice, headBefore: Seq): void
  owned(conversation: ConversationId, epoch: Epoch, by: Owner, epochBefore: Epoch): void
}

export function recordedMemberStore(store: MemberStore, ledger: Ledger): MemberStore {
  return {
    ...boundMemberStore(store),
    async join(self, facts) {
      const outcome = await store.join(self, facts)
      if (outcome.kind === 'joined') ledger.beaten(self.incarnation)
      return outcome
    },
    async beat(self, facts) {
      const outcome = await store.beat(self, facts)
      if (outcome.kind === 'renewed') ledger.beaten(self.incarnation)
      return outcome
    },
  }
}

/** A plain object with a store's methods, so that a wrapper can replace some and keep the rest. */
export function boundLogStore(store: LogStore): LogStore {
  return {
    open: (conversation, by) => store.open(conversation, by),
    claim: (requests, by) => store.claim(requests, by),
    adopt: (from, by, limit) => store.adopt(from, by, limit),
    setApart: (conversation, epoch, reason) => store.setApart(conversation, epoch, reason),
    damaged: (limit, after) => store.damaged(limit, after),
    append: (slices) => store.append(slices),
    read: (conversation, after, limit) => store.read(conversation, after, limit),
    findKey: (conversation, sender, key) => store.findKey(conversation, sender, key),
    offerHandover: (requests) => store.offerHandover(requests),
    withdrawHandover: (requests) => store.withdrawHandover(requests),
    release: (requests) => store.release(requests),
    saveSnapshot: (conversation, epoch, snapshot) => store.saveSnapshot(conversation, epoch, snapshot),
    due: (limit) => store.due(limit),
    ownedBy: (incarnation, limit, after) => store.ownedBy(incarnation, limit, after),
    ownerOf: (conversation) => store.ownerOf(conversation),
    list: (query) => store.list(query),
  }
}

export function boundMemberStore(store: MemberStore): MemberStore {
  return {
    join: (self, facts) => store.join(self, facts),
    beat: (self, facts) => store.beat(self, facts),
    tombstone: (incarnation, reason) => store.tombstone(incarnation, reason),
    tombstoneName: (node, reason) => store.tombstoneName(node, reason),
  }
}
