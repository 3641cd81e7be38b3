import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Epoch, Incarnation, NodeName, Owner, ParticipantId, Seq } from '../base/ids.ts'

/** The store surely did not carry the statement out: no connection, refused, rolled back. Trying again is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The connection went away around COMMIT: the statement happened once or not at all. Only a claim tells (LO2). */
export class IndefiniteOutcome extends Error {
  override readonly name = 'IndefiniteOutcome'
}

/** A compare-and-set row, changed in the same statement as the events that depend on it. `expect: null`: absent. */
interface Guard {
  readonly name: string
  readonly expect: string | null
  readonly set: string | null
}

/** Something to be done outside once the events are durable, in order per `lane`; `id` is the same on each retry. */
export interface OutboxItem {
  readonly id: string
  readonly lane: string
  readonly kind: string
  readonly body: string
}

/** What lists and timers need to know of a conversation without reading its log. Absent fields stay as they are. */
export interface HeadPatch {
  readonly status?: 'open' | 'closed'
  /** JSON for lists: subject, participants. At most 2 kB. */
  readonly summary?: string
}

/** Consecutive events of one conversation, all or none. */
export interface Slice {
  readonly conversation: ConversationId
  readonly epoch: Epoch
  /** The seq before the first event: the head as the owner knows it. */
  readonly expectSeq: Seq
  readonly events: readonly EventRecord[]
  readonly guards?: readonly Guard[]
  readonly outbox?: readonly OutboxItem[]
  readonly head?: HeadPatch
}

export type SliceOutcome =
  | { readonly kind: 'ok'; readonly seq: Seq }
  /** Another epoch rules; `owner` is absent while nobody owns it. */
  | { readonly kind: 'fenced'; readonly epoch: Epoch; readonly owner?: Owner }
  /** The epoch is right, the head is not `expectSeq`. */
  | { readonly kind: 'gap'; readonly seq: Seq }
  /** A key of the slice is in the log already. */
  | { readonly kind: 'duplicate'; readonly key: string; readonly seq: Seq; readonly digest: string }
  | { readonly kind: 'guard-failed'; readonly name: string; readonly found: string | null }
  /** The slice itself cannot be stored (SQLSTATE class 22 or 23); its neighbours are not harmed. */
  | { readonly kind: 'unstorable'; readonly reason: string }
  | { readonly kind: 'unknown-conversation' }

export interface Snapshot {
  readonly seq: Seq
  /** Shape version of `json`; a foreign one is refolded from the log. */
  readonly format: number
  readonly json: string
}

/** All that a new owner needs: the latest snapshot and every event after it (the last 32 at least, where there are). */
export interface Claimed {
  readonly kind: 'claimed'
  readonly conversation: ConversationId
  readonly epoch: Epoch
  readonly seq: Seq
  readonly snapshot?: Snapshot
  /** Ends at `seq`, contiguous; begins at or before `snapshot.seq + 1`. */
  readonly tail: readonly EventRecord[]
}

/** What is stored does not fit together: nobody owns the conversation, and a claim tries it again. */
export interface Damaged {
  readonly kind: 'damaged'
  readonly conversation: ConversationId
}

export type ClaimOutcome =
  | Claimed
  | Damaged
  /** Its owner lives as far as the store can tell; ask there. */
  | { readonly kind: 'alive'; readonly conversation: ConversationId; readonly epoch: Epoch; readonly owner: Owner }
  /** The claimer's own incarnation is tombstoned or past its lease: it may own nothing. */
  | { readonly kind: 'claimer-dead'; readonly conversation: ConversationId }
  | { readonly kind: 'unknown-conversation'; readonly conversation: ConversationId }

export interface HeadRow {
  readonly conversation: ConversationId
  readonly epoch: Epoch
  readonly seq: Seq
  readonly owner?: Owner
  readonly status: 'open' | 'closed'
  readonly summary: string
  /** Store time, ms since 1970. */
  readonly openedAt: number
  /** When status or summary last changed: somebody came or went, or it was closed. */
  readonly changedAt: number
}

/**
 * The fenced log: one call is one statement, which takes place wholly or not at all. A call rejects with
 * `StoreUnavailable` (surely not) or `IndefiniteOutcome` (who knows) and with nothing else. Calls over several
 * conversations lock them in the order of their ids. `src/store/README.md` has the rules (SE1...).
 */
export interface LogStore {
  /** Creates the conversation with epoch 1 owned by `by`, or tells that it exists (idempotent: a second open by the same owner at epoch 1 and seq 0 is `opened` again). */
  open(
    conversation: ConversationId,
    by: Owner,
  ): Promise<
    { kind: 'opened'; epoch: Epoch } | { kind: 'exists'; epoch: Epoch; owner?: Owner } | { kind: 'claimer-dead' }
  >
  /**
   * Makes `by` the owner at epoch + 1 where nobody owns the conversation, where `by` owns it already (claiming again),
   * where it was handed over to `by`, or where the owner's incarnation is tombstoned or its beat is older than
   * `leaseMs` by store time while the claimer has renewed throughout (`steady`); the latter tombstones the incarnation
   * in the same statement. Locks the heads first, reads the tails in a later statement of the same round trip.
   * With `expect`, a head whose (epoch, incarnation) differ answers `alive` with what it found.
   */
  claim(requests: readonly ClaimRequest[], by: Owner): Promise<readonly ClaimOutcome[]>
  /** Claims up to `limit` awake conversations of tombstoned incarnations, skipping rows that another adopter holds. */
  adopt(from: readonly Incarnation[], by: Owner, limit: number): Promise<readonly (Claimed | Damaged)[]>
  /** The owner at `epoch` cannot restore the conversation: gives it up with the reason, until a claim tries it again. */
  setApart(conversation: ConversationId, epoch: Epoch, reason: string): Promise<void>
  /** Conversations that are set apart, and why, in the order of their ids, those behind `after`. */
  damaged(limit: number, after?: ConversationId): Promise<readonly { conversation: ConversationId; reason: string }[]>
  append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]>
  read(
    conversation: ConversationId,
    after: Seq,
    limit: number,
  ): Promise<{ headSeq: Seq; records: readonly EventRecord[] } | undefined>
  /** Where a key is in the log, if it is. */
  findKey(
    conversation: ConversationId,
    sender: ParticipantId,
    key: string,
  ): Promise<{ seq: Seq; digest: string } | undefined>
  /** Names a successor; the owner stays owner until the successor claims. Answers the conversations that were named. */
  offerHandover(
    requests: readonly { conversation: ConversationId; epoch: Epoch; to: Owner }[],
  ): Promise<readonly ConversationId[]>
  /** Takes the offer back. Answers those that are still owned at that epoch; the others were claimed. */
  withdrawHandover(
    requests: readonly { conversation: ConversationId; epoch: Epoch }[],
  ): Promise<readonly ConversationId[]>
  /** Gives up ownership at `epoch` (sleep, or close); `wakeAt` in store ms makes it due then. Answers those released. */
  release(
    requests: readonly { conversation: ConversationId; epoch: Epoch; wakeAt?: number }[],
  ): Promise<readonly ConversationId[]>
  /** Stores a snapshot unless a newer one or a higher epoch is there. */
  saveSnapshot(conversation: ConversationId, epoch: Epoch, snapshot: Snapshot): Promise<void>
  /** Unowned conversations whose `wakeAt` has come. */
  due(limit: number): Promise<readonly ConversationId[]>
  /**
   * Awake conversations owned by an incarnation, in the order of their ids, those behind `after`: its own (lost
   * reply), or a dead one's (how much is left to adopt).
   */
  ownedBy(
    incarnation: Incarnation,
    limit: number,
    after?: ConversationId,
  ): Promise<readonly { conversation: ConversationId; epoch: Epoch }[]>
  /** Who owns a conversation, if anybody does: for a relay that was sent around in circles. */
  ownerOf(conversation: ConversationId): Promise<Owner | undefined>
  /** Newest first, for lists. `before`: store ms of `changedAt`. */
  list(query: { status?: 'open' | 'closed'; limit: number; before?: number }): Promise<readonly HeadRow[]>
}

export interface ClaimRequest {
  readonly conversation: ConversationId
  readonly expect?: { readonly epoch: Epoch; readonly incarnation?: Incarnation }
}

/** What a node tells about itself with each beat. */
export interface MemberFacts {
  /** Where other nodes reach its relay, `host:port`. */
  readonly relayAddress: string
  /** Where people and operators reach its HTTP, `http://host:port`. */
  readonly httpUrl: string
  readonly roles: readonly ('chat' | 'edge' | 'backup')[]
  /** `disabled`: opens no new conversations. `draining`: gives all away. */
  readonly mode: 'enabled' | 'disabled' | 'draining'
  /** Program version and the event format versions it reads and writes. */
  readonly version: string
  readonly formatReads: number
  readonly owned: number
  readonly attached: number
}

export interface MemberRow extends Owner, MemberFacts {
  /** Milliseconds since its last beat, by store time. */
  readonly beatAgeMs: number
  readonly tombstoned: boolean
}

export type JoinOutcome =
  | { readonly kind: 'joined' }
  /** Another living incarnation has this name. */
  | { readonly kind: 'name-taken'; readonly by: MemberRow }

export type BeatOutcome =
  | { readonly kind: 'renewed'; readonly storeNow: number; readonly members: readonly MemberRow[] }
  | { readonly kind: 'tombstoned'; readonly reason: string }

/** Who is in the cluster, by store time. Same rejections as `LogStore`. */
export interface MemberStore {
  /** Registers an incarnation. An older one of the same name is tombstoned if its beat is older than the lease. */
  join(self: Owner, facts: MemberFacts): Promise<JoinOutcome>
  /**
   * Renews, and answers everyone who is not tombstoned, whose tombstone is younger than a minute, or who still owns
   * awake conversations, however long ago it died: somebody must adopt them.
   */
  beat(self: Owner, facts: MemberFacts): Promise<BeatOutcome>
  /** Declares an incarnation dead for ever. Idempotent. */
  tombstone(incarnation: Incarnation, reason: string): Promise<void>
  /** Tombstones whatever incarnation has this name: for the supervisor that saw the process exit. */
  tombstoneName(node: NodeName, reason: string): Promise<void>
}

/** Lease lengths shared by store and members, milliseconds (`conversation.md`, Ownership). */
export const LEASE = {
  beatMs: 200,
  /** A beat older than this by store time allows a claim. */
  leaseMs: 600,
  /** The owner itself stops this much earlier, by its own clock since before sending the last renewal. */
  marginMs: 50,
  /** A silent link makes its peer suspect. */
  suspectMs: 800,
  /** Bulk adoption of a silent incarnation; a tombstoned one is adopted at once. */
  silentAdoptionMs: 3000,
  /**
   * A claimer must have renewed without a gap for this long before it may judge others by their beats: a lease and a
   * beat, so that whoever reached the store when the claimer did has had the time to renew. Its own slow connection is a
   * gap like any other. A node that needs longer to connect after an outage (at worst the 2 s of a connection attempt)
   * may lose what is asked for meanwhile; it is fenced then, and all at once is taken from it after
   * `silentAdoptionMs` only. Waiting for the slowest instead would keep every silent death waiting as long, wherever an
   * observer had missed a lease itself shortly before, which busy machines do.
   */
  steadyMs: 800,
} as const
