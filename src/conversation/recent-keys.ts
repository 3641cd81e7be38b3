import type { ParticipantId, Seq } from '../base/ids.ts'

/** Where a key was used, and the digest of the command that used it. */
export interface KeyUse {
  readonly seq: Seq
  readonly digest: string
}

/**
 * The newest keys of a conversation, as a value. Memory is bounded and adding is cheap: keys gather in `young`, which
 * is copied at each step, and move in whole chunks, of which the oldest falls out. So between 512 and 543 keys stay.
 */
export interface RecentKeys {
  readonly chunks: readonly ReadonlyMap<string, KeyUse>[]
  readonly young: ReadonlyMap<string, KeyUse>
  /** No key ever fell out: a key that is not here is not in the log. */
  readonly complete: boolean
}

const CHUNK_KEYS = 32
const CHUNKS_MAX = 16

export const NO_KEYS: RecentKeys = { chunks: [], young: new Map(), complete: true }

// U+0000 is in neither part (`text-rule.ts`), so two pairs never make one name.
const nameOf = (sender: ParticipantId, key: string) => `${sender}\u0000${key}`

export function findRecentKey(keys: RecentKeys, sender: ParticipantId, key: string): KeyUse | undefined {
  const name = nameOf(sender, key)
  const young = keys.young.get(name)
  if (young) return young
  for (const chunk of keys.chunks) {
    const use = chunk.get(name)
    if (use) return use
  }
  return undefined
}

export function withKey(keys: RecentKeys, sender: ParticipantId, key: string, use: KeyUse): RecentKeys {
  const young = new Map(keys.young).set(nameOf(sender, key), use)
  if (young.size < CHUNK_KEYS) return { ...keys, young }
  const chunks = [...keys.chunks, young]
  const kept = chunks.slice(-CHUNKS_MAX)
  return { chunks: kept, young: new Map(), complete: keys.complete && kept.length === chunks.length }
}

/** One row of a snapshot. */
export type KeyRow = readonly [sender: ParticipantId, key: string, seq: Seq, digest: string]

/** All keys, oldest first. */
export function keyRows(keys: RecentKeys): KeyRow[] {
  return [...keys.chunks, keys.young].flatMap((chunk) =>
    [...chunk].map(([name, { seq, digest }]) => {
      const cut = name.indexOf('\u0000')
      return [name.slice(0, cut), name.slice(cut + 1), seq, digest] as const
    }),
  )
}

/** The inverse of `keyRows`: chunks fall out whole, so that the rows begin where a chunk does. Nothing is copied twice. */
export function keysFromRows(rows: readonly KeyRow[], complete: boolean): RecentKeys {
  const chunks: ReadonlyMap<string, KeyUse>[] = []
  let young = new Map<string, KeyUse>()
  for (const [sender, key, seq, digest] of rows) {
    young.set(nameOf(sender, key), { seq, digest })
    if (young.size < CHUNK_KEYS) continue
    chunks.push(young)
    young = new Map()
  }
  return { chunks: chunks.slice(-CHUNKS_MAX), young, complete }
}
