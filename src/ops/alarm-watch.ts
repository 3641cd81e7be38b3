import type { Cancel, Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Configuration } from '../config/configuration.ts'
import { type AlarmEpisode, type AlarmStore, covers } from '../store/alarm-store.ts'
import { type AlarmKind, alarmKind } from './alarm-catalogue.ts'
import { type AlarmAct, alreadyKnown, type Sight, type Watched, watchPlace } from './alarm-decision.ts'
import { type AlarmState, alarmNotices, type ToldEpisode } from './alarm-notices.ts'
import { durationText } from './duration-text.ts'

/**
 * Looks at one kind of place. It is given the open episodes, so that it can say of each whether it is over; of what it
 * leaves out nothing is decided. A rejection: it could not look.
 */
export type Observer = (open: readonly AlarmEpisode[]) => readonly Sight[] | Promise<readonly Sight[]>

export interface AlarmWatchPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly store: Pick<AlarmStore, 'raise' | 'tell' | 'clear' | 'open' | 'silences' | 'forget'>
  readonly node: string
  /** Milliseconds since 1970 by the store's clock, as well as this node knows it. */
  readonly storeNow: () => number
  readonly observers: readonly Observer[]
  readonly configuration: () => Configuration
}

/** A condition of which the store does not know yet. */
export interface WaitingAlarm {
  readonly code: string
  readonly subject: string
  readonly sentence: string
  readonly beganAt: number
}

const LOOK_EVERY_MS = 1000
// Looks must not wait for what hangs: how long a condition lasts is known only as well as it is looked at.
const PATIENCE_MS = 1000
const ACT_PATIENCE_MS = 4000
const REMEMBER_MS = 90 * 86_400_000
const FORGET_EVERY_MS = 3_600_000
const FORGET_AT_ONCE = 1000

const placeName = ({ code, subject }: { code: string; subject: string }) => `${code} ${subject}`

/**
 * Watches for alarms on one node. Every node does; the store lets one of them raise, tell and clear. While the store is
 * away what was seen is remembered and raised later, with its true beginning.
 */
export class AlarmWatch {
  readonly #ports: AlarmWatchPorts
  readonly #watched = new Map<string, { readonly place: { code: string; subject: string }; watched: Watched }>()
  #open: readonly AlarmEpisode[] = []
  readonly #openNow: Question<readonly AlarmEpisode[]>
  readonly #observers: readonly Question<readonly Sight[]>[]
  #storeAnswers = false
  #looking: Promise<void> | undefined
  #forgottenAtMs = Number.NEGATIVE_INFINITY
  #cancel: Cancel = () => {}
  #stopped = false

  constructor(ports: AlarmWatchPorts) {
    this.#ports = ports
    const { clock, log, store, observers } = ports
    this.#openNow = new Question({ clock, log }, () => store.open())
    this.#observers = observers.map((observe) => new Question({ clock, log }, async () => observe(this.#open)))
  }

  start(): void {
    void this.look().then(() => this.#arm())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    // What hangs is not waited for: the process ends, and another node goes on.
    await within(this.#ports.clock, ACT_PATIENCE_MS, this.#looking ?? Promise.resolve(), undefined)
  }

  /** The open episodes as the store said last, and what it could not be told yet. */
  known(): { readonly open: readonly AlarmEpisode[]; readonly waiting: readonly WaitingAlarm[]; fresh: boolean } {
    return { open: this.#open, waiting: this.#waiting(), fresh: this.#storeAnswers }
  }

  /** Looks once, now. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  #arm(): void {
    if (this.#stopped) return
    this.#cancel = this.#ports.clock.after(LOOK_EVERY_MS, () => void this.look().then(() => this.#arm()))
  }

  async #look(): Promise<void> {
    const { metrics, clock } = this.#ports
    const [open, sights] = await Promise.all([this.#openNow.answer(PATIENCE_MS), this.#sights()])
    this.#storeAnswers = open !== undefined
    if (open) this.#open = open
    if (this.#stopped) return
    const acts = this.#decide(sights, open)
    metrics.gauge('alarms_open', this.#open.length)
    metrics.gauge('alarms_waiting', this.#waiting().length)
    try {
      for (const { place, act } of acts) {
        if (this.#stopped) return
        // What hangs may take place still: then the next look finds it done.
        if ((await within(clock, ACT_PATIENCE_MS, this.#perform(place, act), 'late')) === 'late') return
      }
      if (open) await this.#forget()
    } catch (error) {
      // Whether it took place or not: the next look sees, and does what is left.
      this.#ports.log.debug('An alarm could not be stored; it is tried again.', { error })
    }
  }

  async #sights(): Promise<readonly Sight[]> {
    const seen = await Promise.all(this.#observers.map((observer) => observer.answer(PATIENCE_MS)))
    return seen.flatMap((sights) => sights ?? [])
  }

  #decide(sights: readonly Sight[], open: readonly AlarmEpisode[] | undefined) {
    const nowMs = this.#ports.clock.monotonicMs()
    const seen = new Map(sights.map((sight) => [placeName(sight), sight]))
    const opened = new Map(open?.map((episode) => [placeName(episode), episode]))
    const places = new Map([...this.#watched].map(([name, { place }]) => [name, place]))
    for (const { code, subject } of [...sights, ...(open ?? [])]) {
      const place = { code, subject }
      places.set(placeName(place), place)
    }
    return [...places].flatMap(([name, place]) => {
      const kind: AlarmKind | undefined = alarmKind(place.code)
      // Another version's: it is for that one to end.
      if (!kind) return []
      const sight = seen.get(name)
      const step = watchPlace(
        this.#watched.get(name)?.watched,
        { nowMs, ...(sight && { sight }), ...(open && { open: opened.get(name) ?? null }) },
        kind,
      )
      if (step.watched) this.#watched.set(name, { place, watched: step.watched })
      else this.#watched.delete(name)
      return step.act ? [{ place, act: step.act }] : []
    })
  }

  #perform(place: { code: string; subject: string }, act: AlarmAct): Promise<void> {
    switch (act.kind) {
      case 'raise':
        return this.#raise(place, act)
      case 'tell':
        return this.#tell(act.episode)
      case 'clear':
        return this.#clear(act)
    }
  }

  async #raise({ code, subject }: { code: string; subject: string }, act: AlarmAct & { kind: 'raise' }): Promise<void> {
    const { store, random, log, metrics, node, clock } = this.#ports
    const { sentence, affected } = act
    const severity = alarmKind(code)?.severity ?? 'warning'
    const beganAt = this.#storeTimeOf(act.beganMs)
    const alarm = { id: random.id(), code, subject, severity, sentence, affected, beganAt, raisedBy: node }
    const outcome = await store.raise(alarm, this.#notices(alarm, 'raised'))
    if (outcome.kind === 'raised') {
      metrics.count('alarms_raised')
      log.decision('alarm', `${severity}: ${sentence}${outcome.told ? '' : ' (silenced)'}`)
      return
    }
    const name = placeName({ code, subject })
    const entry = this.#watched.get(name)
    if (entry) entry.watched = alreadyKnown(entry.watched, clock.monotonicMs())
  }

  /** Nobody was told of it because of a silence; once that has ended it is news. */
  async #tell(episode: AlarmEpisode): Promise<void> {
    const { store, log } = this.#ports
    const silences = await store.silences()
    if (silences.some((silence) => covers(silence, episode))) return
    if (await store.tell(episode.id, this.#notices(episode, 'raised')))
      log.decision('alarm', `Told now, as its silence has ended: ${episode.sentence}`)
  }

  async #clear({ episode, endedMs, affected }: AlarmAct & { kind: 'clear' }): Promise<void> {
    const { store, log, node } = this.#ports
    const at = Math.max(this.#storeTimeOf(endedMs), episode.beganAt)
    const ended = { ...episode, affected, ended: { at, clearedAt: at, by: node } }
    const end = { at, by: node, affected }
    if (await store.clear(episode.id, end, this.#notices(ended, 'cleared')))
      log.decision('alarm-over', `Over after ${durationText(at - episode.beganAt)}: ${episode.sentence}`)
  }

  #notices(episode: ToldEpisode, state: AlarmState) {
    return alarmNotices(episode, state, this.#ports.configuration())
  }

  #storeTimeOf(monotonicMs: number): number {
    const { clock, storeNow } = this.#ports
    return Math.round(storeNow() - (clock.monotonicMs() - monotonicMs))
  }

  #waiting(): readonly WaitingAlarm[] {
    return [...this.#watched.values()].flatMap(({ place, watched: { beganMs, known, sentence } }) =>
      beganMs === undefined || known ? [] : [{ ...place, sentence, beganAt: this.#storeTimeOf(beganMs) }],
    )
  }

  async #forget(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs()
    if (nowMs - this.#forgottenAtMs < FORGET_EVERY_MS) return
    const forgotten = await this.#ports.store.forget(REMEMBER_MS, FORGET_AT_ONCE)
    if (forgotten < FORGET_AT_ONCE) this.#forgottenAtMs = nowMs
  }
}

/** Asks one thing at a time: what hangs is not asked again meanwhile, and what comes late is the next answer. */
class Question<Answer> {
  readonly #ports: { readonly clock: Clock; readonly log: Log }
  readonly #ask: () => Promise<Answer>
  #asking: Promise<void> | undefined
  #answer: Answer | undefined

  constructor(ports: { readonly clock: Clock; readonly log: Log }, ask: () => Promise<Answer>) {
    this.#ports = ports
    this.#ask = ask
  }

  /** Each answer once; `undefined` where there is none yet, or it failed. */
  async answer(patienceMs: number): Promise<Answer | undefined> {
    if (this.#answer === undefined) {
      this.#asking ??= this.#begin()
      await within(this.#ports.clock, patienceMs, this.#asking, undefined)
    }
    const answer = this.#answer
    this.#answer = undefined
    return answer
  }

  async #begin(): Promise<void> {
    try {
      this.#answer = await this.#ask()
    } catch (error) {
      this.#ports.log.debug('A look for alarms failed; nothing is decided on it this time.', { error })
    } finally {
      this.#asking = undefined
    }
  }
}
