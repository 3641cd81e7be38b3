import type { Incarnation } from '../base/ids.ts'

/** What this node knows of another one, from its link and from the beats in the store. */
export interface PeerEvidence {
  readonly linkUp: boolean
  /** Monotonic time of the last frame on the link. */
  readonly lastHeardMs: number
  /** Its beats say that it hears this node. */
  readonly hearsUs: boolean
  /** The link closed and the next attempt was refused: nobody listens there any more. */
  readonly refused: boolean
  /** Other members that say that their link to it closed, too. */
  readonly witnesses: ReadonlySet<Incarnation>
  /** Age of its last beat by store time, as of the last beat of this node. */
  readonly beatAgeMs: number
  /** It may own conversations; an edge does not. */
  readonly owns: boolean
}

interface PeerTerms {
  readonly suspectMs: number
  readonly silentAdoptionMs: number
}

export type PeerVerdict =
  | { readonly kind: 'well' }
  /** Ask somebody else; whether it may be replaced is for the store to say. */
  | { readonly kind: 'suspect'; readonly reason: string }
  /** It is gone for good: write its tombstone. */
  | { readonly kind: 'dead'; readonly reason: string }

/** Whether a peer is heard by its link, which is also what it is told. */
export function isHeard(
  { linkUp, lastHeardMs }: Pick<PeerEvidence, 'linkUp' | 'lastHeardMs'>,
  nowMs: number,
  { suspectMs }: Pick<PeerTerms, 'suspectMs'>,
): boolean {
  return linkUp && nowMs - lastHeardMs < suspectMs
}

/**
 * Judges a peer. `steadyForMs`: how long this node itself has renewed without a gap. Beats of others count only within
 * that time, else an outage of the store would make everybody adopt everybody. A firewall that refuses is not a death:
 * it takes a second member whose link closed, too. An edge needs no lease: while it is heard, it serves its clients
 * whether the store hears it or not.
 */
export function judgePeer(evidence: PeerEvidence, nowMs: number, steadyForMs: number, terms: PeerTerms): PeerVerdict {
  if (!evidence.linkUp && evidence.refused && evidence.witnesses.size > 0)
    return { kind: 'dead', reason: 'its process refuses connections and another member lost its link, too' }
  const heard = isHeard(evidence, nowMs, terms)
  if (
    evidence.beatAgeMs >= terms.silentAdoptionMs &&
    steadyForMs >= terms.silentAdoptionMs &&
    (evidence.owns || !heard)
  )
    return { kind: 'dead', reason: `it has not renewed its lease for ${Math.round(evidence.beatAgeMs)} ms` }
  if (!evidence.linkUp) return { kind: 'suspect', reason: 'there is no link to it' }
  if (!heard)
    return { kind: 'suspect', reason: `its link has been silent for ${Math.round(nowMs - evidence.lastHeardMs)} ms` }
  if (!evidence.hearsUs) return { kind: 'suspect', reason: 'it does not hear this node' }
  if (evidence.beatAgeMs >= terms.suspectMs && steadyForMs >= terms.suspectMs)
    return { kind: 'suspect', reason: `it has not renewed its lease for ${Math.round(evidence.beatAgeMs)} ms` }
  return { kind: 'well' }
}
