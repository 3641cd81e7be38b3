import type { OutboxItem } from './log-store.ts'

/** What an alarm is about: its code, and which node, document or certificate has it. `cluster` where all share it. */
export interface AlarmPlace {
  readonly code: string
  readonly subject: string
}

/** A condition from its beginning to its end, however many nodes saw it. */
export interface AlarmEpisode extends AlarmPlace {
  readonly id: string
  readonly severity: string
  /** One sentence of whoever raised it. */
  readonly sentence: string
  /** When the condition began, milliseconds since 1970 by the store's clock; the store may have been away then. */
  readonly beganAt: number
  /** When the store was told. */
  readonly raisedAt: number
  readonly raisedBy: string
  /** Conversations that had to do with it, the most at any time. */
  readonly affected: number
  /** Whether anybody was told of its beginning: then its end is told, too. */
  readonly told: boolean
  /** How often this place had an episode within a day, this one included: what flaps is not told each time. */
  readonly recent: number
  readonly acknowledged?: { readonly by: string; readonly at: number; readonly note: string }
  /** Absent while it lasts. */
  readonly ended?: { readonly at: number; readonly clearedAt: number; readonly by: string }
}

export interface NewAlarm extends AlarmPlace {
  /** Made by whoever raises; the ids of the items are made of it. */
  readonly id: string
  readonly severity: string
  readonly sentence: string
  readonly beganAt: number
  readonly raisedBy: string
  readonly affected: number
}

export type RaiseOutcome =
  /** This call began the episode. `told`: its items are in the outbox. */
  | { readonly kind: 'raised'; readonly told: boolean }
  /** It had begun already, or it is over: an episode that ended after `beganAt` was the same condition. */
  | { readonly kind: 'known' }

/** For a while nobody is told of what begins; it is recorded all the same. */
export interface AlarmSilence {
  readonly id: string
  /** Empty: whatever the code. */
  readonly code: string
  /** Empty: whatever the subject. */
  readonly subject: string
  readonly until: number
  readonly by: string
  readonly reason: string
}

export type NewSilence = Omit<AlarmSilence, 'until'> & { readonly forMs: number }

/**
 * Alarms of the whole cluster. A place has one open episode at most, and its episodes do not overlap, although every
 * node observes: of those that raise, tell or clear at the same time one wins, and only its items are posted in the
 * outbox, in the same transaction. Same rejections as `LogStore`; after an `IndefiniteOutcome` a call is made again.
 *
 *   (nothing) --raise--> open, told or silenced --clear--> ended
 *                            |  ^
 *                            +--+ tell (a silence has ended), acknowledge
 */
export interface AlarmStore {
  raise(alarm: NewAlarm, items: readonly OutboxItem[]): Promise<RaiseOutcome>
  /** Posts the items of an open episode that nobody was told of, unless it is silenced still. */
  tell(id: string, items: readonly OutboxItem[]): Promise<boolean>
  /** Ends an episode; the items are posted where somebody was told of its beginning. `false`: it is not open. */
  clear(
    id: string,
    end: { readonly at: number; readonly by: string; readonly affected: number },
    items: readonly OutboxItem[],
  ): Promise<boolean>
  /** The oldest first. */
  open(): Promise<readonly AlarmEpisode[]>
  /** Open and ended ones, those that began last first. */
  episodes(limit: number): Promise<readonly AlarmEpisode[]>
  episode(id: string): Promise<AlarmEpisode | undefined>
  /** Somebody takes care of it; who did first is kept. `false`: it is not open. */
  acknowledge(id: string, by: string, note: string): Promise<boolean>
  /** The same silence sent again is the same one. */
  silence(silence: NewSilence): Promise<AlarmSilence>
  /** Those that have not ended. */
  silences(): Promise<readonly AlarmSilence[]>
  /** Ends a silence early. `false`: there is none. */
  unsilence(id: string): Promise<boolean>
  /** Forgets up to `limit` episodes and silences that ended so long ago. Answers how many. */
  forget(olderThanMs: number, limit: number): Promise<number>
}

/** Whether a silence covers a place. */
export function covers({ code, subject }: Pick<AlarmSilence, 'code' | 'subject'>, place: AlarmPlace): boolean {
  return (code === '' || code === place.code) && (subject === '' || subject === place.subject)
}
