import type { EventRecord } from '../base/event-record.ts'
import { type ConversationId, idFromBits, type Owner } from '../base/ids.ts'
import type { Claimed, Damaged, HeadRow, MemberRow } from './log-store.ts'
import { memberFactsIn } from './member-facts.ts'

/** A row as `pg` gives it: `bigint` columns are texts. */
export type Row = Readonly<Record<string, unknown>>

export function idIn(row: Row, column: string): ConversationId {
  return idFromBits(BigInt(String(row[column])))
}

/** Seqs, epochs and times stay far below 2^53. */
export function numberIn(row: Row, column: string): number {
  return Number(row[column])
}

export function ownerIn(row: Row): Owner | undefined {
  if (row.owner === null || row.owner === undefined) return undefined
  return { node: String(row.owner_node), incarnation: idIn(row, 'owner') }
}

export function recordIn(row: Row): EventRecord {
  return recordOf([row.seq, row.epoch, row.at, row.audience, row.sender, row.key, row.digest, row.json])
}

/** An event as `holdfast.tails` packs it. */
function recordOf([seq, epoch, at, audience, sender, key, digest, json]: readonly unknown[]): EventRecord {
  return {
    seq: Number(seq),
    epoch: Number(epoch),
    at: Number(at),
    audience: audience === 'staff' ? 'staff' : 'everyone',
    sender: String(sender),
    ...(typeof key === 'string' && { key }),
    ...(typeof digest === 'string' && { digest }),
    json: String(json),
  }
}

export function claimedIn(row: Row): Claimed {
  const snapshot = row.snapshot_json === null ? undefined : snapshotIn(row)
  return {
    kind: 'claimed',
    conversation: idIn(row, 'conversation'),
    epoch: numberIn(row, 'epoch'),
    seq: numberIn(row, 'seq'),
    ...(snapshot && { snapshot }),
    tail: (row.tail as readonly (readonly unknown[])[]).map(recordOf),
  }
}

export function damagedIn(row: Row): Damaged {
  return { kind: 'damaged', conversation: idIn(row, 'conversation') }
}

function snapshotIn(row: Row) {
  return {
    seq: numberIn(row, 'snapshot_seq'),
    format: numberIn(row, 'snapshot_format'),
    json: String(row.snapshot_json),
  }
}

export function headIn(row: Row): HeadRow {
  const owner = ownerIn(row)
  return {
    conversation: idIn(row, 'conversation'),
    epoch: numberIn(row, 'epoch'),
    seq: numberIn(row, 'seq'),
    ...(owner && { owner }),
    status: row.status === 'closed' ? 'closed' : 'open',
    summary: String(row.summary),
    openedAt: numberIn(row, 'opened_at'),
    changedAt: numberIn(row, 'changed_at'),
  }
}

export function memberIn(row: Row): MemberRow {
  return {
    ...memberFactsIn(row.facts),
    node: String(row.node),
    incarnation: idIn(row, 'incarnation'),
    beatAgeMs: numberIn(row, 'beat_age'),
    tombstoned: row.tombstoned === true,
  }
}
