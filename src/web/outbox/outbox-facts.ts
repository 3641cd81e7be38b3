import type { DeadLetterRow, OutboxAnswer, WaitingLaneRow } from '../../protocol/outbox-answers.ts'
import { countText, plural, spanText } from '../console/console-text.ts'

/** Kinds of things that are done outside; one of another version keeps its own name. */
const KINDS: Readonly<Record<string, string>> = { mail: 'Mail', webhook: 'Webhook call' }

export function kindText(kind: string): string {
  return KINDS[kind] ?? kind
}

/** What a lane is: whose things are done one after another. */
export function laneText(lane: string): string {
  const [, by, to] = /^alarm:[^:]+:(mail|webhook)(?::(.*))?$/.exec(lane) ?? []
  if (by === 'mail') return `Alarm mails to ${to}`
  if (by === 'webhook') return 'Alarm calls of the webhook'
  return /^[0-7][0-9a-hjkmnp-tv-z]{12}$/.test(lane) ? `Conversation ${lane}` : lane
}

/** What the first of a lane waits for. */
export function waitText({ first }: Pick<WaitingLaneRow, 'first'>): string {
  if (first.held) return 'a node is at it'
  if (first.dueInMs > 0) return `tried again in ${spanText(first.dueInMs)}`
  return first.attempts === 0 ? 'next in turn' : 'tried again now'
}

/** `3 attempts`; what was never tried has none to tell. */
export function attemptsText(attempts: number): string {
  return attempts === 0 ? 'not tried yet' : plural(attempts, 'attempt')
}

export interface OutboxFigure {
  readonly label: string
  readonly value: string
  readonly tone: 'plain' | 'worry' | 'bad'
}

// An alarm is raised from here on.
const LONG_MS = 10 * 60_000

/** What stands at the top. */
export function figuresOf({ waiting, oldestMs, dead }: OutboxAnswer): readonly OutboxFigure[] {
  const long = waiting > 0 && oldestMs >= LONG_MS
  return [
    { label: waiting === 1 ? 'waits' : 'wait', value: countText(waiting), tone: 'plain' },
    { label: 'the oldest waits for', value: waiting === 0 ? '–' : spanText(oldestMs), tone: long ? 'worry' : 'plain' },
    { label: dead === 1 ? 'dead letter' : 'dead letters', value: countText(dead), tone: dead > 0 ? 'bad' : 'plain' },
  ]
}

/** Where there are more than are shown: `The newest 100 of 340.` */
export function shownText(shown: number, all: number, which: string): string | undefined {
  return shown < all ? `The ${which} ${countText(shown)} of ${countText(all)}.` : undefined
}

/** A dead letter in a few words, for what is asked about it. */
export function letterText({ kind, lane }: Pick<DeadLetterRow, 'kind' | 'lane'>): string {
  return `${kindText(kind)}, ${laneText(lane)}`
}
