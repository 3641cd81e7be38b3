import type { AlarmEpisode } from '../store/alarm-store.ts'
import type { AlarmKind } from './alarm-catalogue.ts'

/** What a look at a place found. */
export interface Sight {
  readonly code: string
  readonly subject: string
  readonly present: boolean
  /** For who is told; of an absence nothing is said. */
  readonly sentence: string
  /** Conversations that have to do with it. */
  readonly affected: number
}

/**
 * What one node remembers of a place. Times are its own monotonic ones.
 *
 *                    raiseAfterMs
 *   absent --seen--> present -----> + beganMs --raise--> + known (the store has it open)
 *      ^                |                                    |
 *      +----gone--------+  absent for clearAfterMs, known ---+--clear--> forgotten
 *
 * `beganMs` outlives the condition: what lasted long enough while the store was away is raised when it is back, with
 * its true beginning, and cleared after.
 */
export interface Watched {
  readonly present: boolean
  /** Since when it has been seen so, without a break. */
  readonly sinceMs: number
  /** Since when it counts; the store has it, or is to be told. */
  readonly beganMs?: number
  /** The store was seen to have it open. */
  readonly known: boolean
  readonly sentence: string
  readonly affected: number
}

export type AlarmAct =
  | { readonly kind: 'raise'; readonly beganMs: number; readonly sentence: string; readonly affected: number }
  | { readonly kind: 'tell'; readonly episode: AlarmEpisode }
  | {
      readonly kind: 'clear'
      readonly episode: AlarmEpisode
      readonly endedMs: number
      readonly affected: number
    }

export interface AlarmStep {
  readonly watched?: Watched
  readonly act?: AlarmAct
}

const CLEAR_AFTER_MS_MAX = 3_600_000

/**
 * One step for one place. `sight`: absent where nothing could be said this time. `open`: the open episode, `null` where
 * the store has none, absent while it does not answer.
 */
export function watchPlace(
  before: Watched | undefined,
  input: { readonly sight?: Sight; readonly open?: AlarmEpisode | null; readonly nowMs: number },
  kind: Pick<AlarmKind, 'raiseAfterMs' | 'clearAfterMs'>,
): AlarmStep {
  const watched = aware(looked(before, input.sight, input.nowMs, kind), input.open, input.nowMs)
  if (!watched) return told(watched, input.open)
  const { present, sinceMs, beganMs, affected, sentence } = watched
  if (input.open === undefined) return { watched }
  if (input.open === null) {
    if (beganMs !== undefined) return { watched, act: { kind: 'raise', beganMs, sentence, affected } }
    return present ? { watched } : {}
  }
  // Without a look this time nobody knows whether it is absent still.
  const absentMs = present || !input.sight ? 0 : input.nowMs - sinceMs
  const clears = !present && input.sight && absentMs >= clearAfterMs(kind, input.open.recent)
  if (!clears) return told(watched, input.open)
  const most = Math.max(affected, input.open.affected)
  return { watched, act: { kind: 'clear', episode: input.open, endedMs: sinceMs, affected: most } }
}

/** The store says of what was to be raised that it is known: open already, or the same condition and over. */
export function alreadyKnown(watched: Watched, nowMs: number): Watched {
  const { beganMs: _, ...rest } = watched
  return { ...rest, known: false, sinceMs: watched.present ? nowMs : watched.sinceMs }
}

/** What comes back within a day must stay away twice as long each time: so nobody gets a mail for each flap. */
export function clearAfterMs({ clearAfterMs: once }: Pick<AlarmKind, 'clearAfterMs'>, recent: number): number {
  const doubled = once * 2 ** Math.min(Math.max(recent - 1, 0), 20)
  return Math.min(doubled, Math.max(CLEAR_AFTER_MS_MAX, once))
}

function looked(
  before: Watched | undefined,
  sight: Sight | undefined,
  nowMs: number,
  { raiseAfterMs }: Pick<AlarmKind, 'raiseAfterMs'>,
): Watched | undefined {
  if (!sight) return before
  const { present, sentence, affected } = sight
  const same = before?.present === present
  const sinceMs = same ? before.sinceMs : nowMs
  const counts = present && nowMs - sinceMs >= raiseAfterMs
  const beganMs = before?.beganMs ?? (counts ? sinceMs : undefined)
  return {
    present,
    sinceMs,
    ...(beganMs !== undefined && { beganMs }),
    known: before?.known ?? false,
    sentence: present ? sentence : (before?.sentence ?? ''),
    affected: Math.max(affected, beganMs === undefined ? 0 : (before?.affected ?? 0)),
  }
}

/** What the store has open is known; what was known and is not open any more was ended by somebody, and begins anew. */
function aware(
  watched: Watched | undefined,
  open: AlarmEpisode | null | undefined,
  nowMs: number,
): Watched | undefined {
  if (!watched || open === undefined) return watched
  if (open) return { ...watched, known: true }
  return watched.known ? alreadyKnown(watched, nowMs) : watched
}

function told(watched: Watched | undefined, open: AlarmEpisode | null | undefined): AlarmStep {
  return {
    ...(watched && { watched }),
    ...(open && !open.told && { act: { kind: 'tell', episode: open } as const }),
  }
}
