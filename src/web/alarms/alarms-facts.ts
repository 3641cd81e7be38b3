import type { AlarmDeliveryRow, AlarmRow, SilenceRow } from '../../protocol/alarm-answers.ts'
import { plural, spanText } from '../console/console-text.ts'

export type AlarmTone = 'good' | 'worry' | 'bad'

/** The colour of an alarm, by its severity; one of another version is a worry. */
export function toneOf({ severity }: Pick<AlarmRow, 'severity'>): AlarmTone {
  return severity === 'critical' ? 'bad' : 'worry'
}

/** Critical ones that nobody takes care of first, then the other critical ones; of the same kind the oldest first. */
export function inUrgency(open: readonly AlarmRow[]): readonly AlarmRow[] {
  const rank = ({ severity, acknowledged }: AlarmRow) => (severity === 'critical' ? 0 : 2) + (acknowledged ? 1 : 0)
  return [...open].sort((one, other) => rank(one) - rank(other) || one.beganAt - other.beganAt)
}

/**
 * How often each open alarm is asked for its details. Each is a question of its own: a storm of alarms must not use up
 * what one address may ask in a minute.
 */
export function detailsEveryMs(open: number): number {
  return open <= 10 ? 5_000 : 60_000
}

/** `3 min`, `2 h`; what lasted less than a second was still something. */
export function lastedText({ ended }: Pick<AlarmRow, 'ended'>): string {
  const lastedMs = ended?.durationMs ?? 0
  return lastedMs < 1_000 ? 'under 1 s' : spanText(lastedMs)
}

/** How many conversations it has to do with. */
export function affectedText(affected: number): string {
  return affected === 0 ? 'no conversation affected' : `${plural(affected, 'conversation')} affected`
}

/** Whether somebody was told, for an alarm of which nothing is remembered in the outbox. */
export function toldText({ told, ended }: Pick<AlarmRow, 'told' | 'ended'>): string {
  if (!told) return ended ? 'Nobody was told: it was silenced.' : 'Nobody is told: it is silenced.'
  return 'Nobody is named to be told, or it is so long ago that it is forgotten.'
}

const ABOUT: Readonly<Record<AlarmDeliveryRow['about'], string>> = { raised: 'its beginning', cleared: 'its end' }

/** Who is told by what, of what. */
export function deliveryText({ by, to, about }: Pick<AlarmDeliveryRow, 'by' | 'to' | 'about'>): string {
  const way = by === 'mail' ? `Mail to ${to}` : by === 'webhook' ? 'Webhook' : by
  return `${way}, of ${ABOUT[about]}`
}

const STATES: Readonly<Record<AlarmDeliveryRow['state'], { readonly text: string; readonly tone: AlarmTone | '' }>> = {
  waiting: { text: 'on its way', tone: '' },
  done: { text: 'delivered', tone: 'good' },
  dead: { text: 'given up', tone: 'bad' },
  dropped: { text: 'discarded', tone: 'worry' },
}

/** How far a delivery is; one that has failed already is not just on its way. */
export function deliveryState({ state, attempts, reason }: Pick<AlarmDeliveryRow, 'state' | 'attempts' | 'reason'>) {
  const failing = state === 'waiting' && reason !== ''
  return failing ? { text: `failed ${plural(attempts, 'time')} so far`, tone: 'worry' as const } : STATES[state]
}

/** What a silence covers: `Node lost of n2`, `every alarm`. */
export function coveredText(
  { code, subject }: Pick<SilenceRow, 'code' | 'subject'>,
  titles: ReadonlyMap<string, string>,
) {
  const what = code === '' ? 'Every alarm' : (titles.get(code) ?? code)
  return subject === '' ? what : `${what} of ${subject}`
}

const HOUR_MS = 3_600_000

/** For how long a silence may be; the store takes a month at most. */
export const SILENCE_SPANS: readonly { readonly forMs: number; readonly text: string }[] = [
  { forMs: HOUR_MS / 2, text: 'half an hour' },
  { forMs: HOUR_MS, text: 'an hour' },
  { forMs: 2 * HOUR_MS, text: 'two hours' },
  { forMs: 4 * HOUR_MS, text: 'four hours' },
  { forMs: 12 * HOUR_MS, text: 'twelve hours' },
  { forMs: 24 * HOUR_MS, text: 'a day' },
  { forMs: 3 * 24 * HOUR_MS, text: 'three days' },
  { forMs: 7 * 24 * HOUR_MS, text: 'a week' },
  { forMs: 31 * 24 * HOUR_MS, text: 'a month' },
]

/** A sentence of the catalogue, cut where a command stands in it. */
export function sentenceParts(sentence: string): readonly { readonly text: string; readonly code: boolean }[] {
  return sentence
    .split('`')
    .map((text, place) => ({ text, code: place % 2 === 1 }))
    .filter(({ text }) => text !== '')
}
