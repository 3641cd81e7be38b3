import type { Incarnation, NodeName, Owner } from '../base/ids.ts'
import {
  type BeatOutcome,
  type JoinOutcome,
  LEASE,
  type MemberFacts,
  type MemberRow,
  type MemberStore,
} from './log-store.ts'

interface Member {
  readonly owner: Owner
  facts: MemberFacts
  beatAt: number
  /** Since when it has beaten without a gap longer than the lease. */
  steadySince: number
  tombstone: { reason: string; at: number } | undefined
}

const TOMBSTONE_SHOWN_MS = 60_000

/** Who is a member of the cluster, in memory: beats, tombstones, and who may own or replace whom. */
export class MemoryMembers implements MemberStore {
  readonly #now: () => number
  readonly #ownsSomething: (incarnation: Incarnation) => boolean
  readonly #members = new Map<Incarnation, Member>()

  /** `ownsSomething`: the dead are told of for as long as they have something to adopt. */
  constructor(now: () => number, ownsSomething: (incarnation: Incarnation) => boolean) {
    this.#now = now
    this.#ownsSomething = ownsSomething
  }

  async join(self: Owner, facts: MemberFacts): Promise<JoinOutcome> {
    const now = this.#now()
    for (const member of this.#members.values()) {
      if (member.tombstone || member.owner.node !== self.node || member.owner.incarnation === self.incarnation) continue
      if (now - member.beatAt <= LEASE.leaseMs) return { kind: 'name-taken', by: rowOf(member, now) }
      member.tombstone = { reason: 'another process took its name', at: now }
    }
    // A statement that takes place late must not raise the dead.
    if (!this.#members.has(self.incarnation))
      this.#members.set(self.incarnation, { owner: self, facts, beatAt: now, steadySince: now, tombstone: undefined })
    return { kind: 'joined' }
  }

  async beat(self: Owner, facts: MemberFacts): Promise<BeatOutcome> {
    const now = this.#now()
    const member = this.#members.get(self.incarnation)
    if (!member) return { kind: 'tombstoned', reason: 'the store does not know this incarnation' }
    if (member.tombstone) return { kind: 'tombstoned', reason: member.tombstone.reason }
    if (now - member.beatAt > LEASE.leaseMs) member.steadySince = now
    member.beatAt = now
    member.facts = facts
    const members = [...this.#members.values()]
      .filter((each) => this.#isShown(each, now))
      .map((each) => rowOf(each, now))
    return { kind: 'renewed', storeNow: now, members }
  }

  async tombstone(incarnation: Incarnation, reason: string): Promise<void> {
    const member = this.#members.get(incarnation)
    if (member) member.tombstone ??= { reason, at: this.#now() }
  }

  async tombstoneName(node: NodeName, reason: string): Promise<void> {
    for (const member of this.#members.values())
      if (member.owner.node === node) member.tombstone ??= { reason, at: this.#now() }
  }

  /** Who is tombstoned or past its lease may own nothing. */
  mayOwn(by: Owner): boolean {
    const member = this.#members.get(by.incarnation)
    return member !== undefined && !member.tombstone && this.#now() - member.beatAt <= LEASE.leaseMs
  }

  /** Dead, or never heard of. */
  isTombstoned(incarnation: Incarnation): boolean {
    const member = this.#members.get(incarnation)
    return member === undefined || member.tombstone !== undefined
  }

  /** Whether `by` may take over from `owner`: it is dead, or has been silent for so long that it is declared dead now. */
  mayReplace(owner: Owner, by: Owner): boolean {
    if (this.isTombstoned(owner.incarnation)) return true
    const now = this.#now()
    const silent = this.#members.get(owner.incarnation)
    const claimer = this.#members.get(by.incarnation)
    if (!silent || !claimer || now - silent.beatAt <= LEASE.leaseMs) return false
    if (now - claimer.steadySince < LEASE.steadyMs) return false
    silent.tombstone = { reason: `silent for ${now - silent.beatAt} ms when ${by.node} claimed from it`, at: now }
    return true
  }

  #isShown(member: Member, now: number): boolean {
    if (!member.tombstone || now - member.tombstone.at < TOMBSTONE_SHOWN_MS) return true
    return this.#ownsSomething(member.owner.incarnation)
  }
}

function rowOf(member: Member, now: number): MemberRow {
  return {
    ...member.owner,
    ...member.facts,
    beatAgeMs: now - member.beatAt,
    tombstoned: member.tombstone !== undefined,
  }
}
