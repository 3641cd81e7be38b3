import { bitsFromId } from '../base/ids.ts'
import type { Slice, SliceOutcome } from './log-store.ts'
import type { PostgresConnections } from './postgres-connections.ts'
import { idIn, numberIn, ownerIn, type Row } from './postgres-rows.ts'

const HEADS = `
  SELECT conversation, epoch, seq, owner, owner_node FROM holdfast.head WHERE conversation = ANY ($1::bigint[])`
const GUARDS = 'SELECT name, value FROM holdfast.guard WHERE name = ANY ($1::text[])'

/** What each slice of a refused batch finds instead of what it expects, in its place; nothing for one that would fit. */
export async function findMisfits(
  connections: PostgresConnections,
  slices: readonly Slice[],
): Promise<readonly (SliceOutcome | undefined)[]> {
  const ids = slices.map(({ conversation }) => bitsFromId(conversation).toString())
  const names = slices.flatMap(({ guards }) => (guards ?? []).map(({ name }) => name))
  const heads = await connections.run({ name: 'heads', text: HEADS, values: [ids] })
  const values = names.length > 0 ? await connections.run({ name: 'guards', text: GUARDS, values: [names] }) : []
  const headOf = new Map(heads.map((row: Row) => [idIn(row, 'conversation'), row]))
  const guardValues = new Map(values.map((row: Row) => [String(row.name), String(row.value)]))
  return slices.map((slice) => misfit(slice, headOf.get(slice.conversation), guardValues))
}

function misfit(
  { epoch, expectSeq, guards = [] }: Slice,
  head: Row | undefined,
  guardValues: ReadonlyMap<string, string>,
): SliceOutcome | undefined {
  if (!head) return { kind: 'unknown-conversation' }
  const found = { epoch: numberIn(head, 'epoch'), seq: numberIn(head, 'seq'), owner: ownerIn(head) }
  if (found.epoch !== epoch || !found.owner)
    return { kind: 'fenced', epoch: found.epoch, ...(found.owner && { owner: found.owner }) }
  if (found.seq !== expectSeq) return { kind: 'gap', seq: found.seq }
  const failed = guards.find(({ name, expect }) => expect !== (guardValues.get(name) ?? null))
  return failed && { kind: 'guard-failed', name: failed.name, found: guardValues.get(failed.name) ?? null }
}
