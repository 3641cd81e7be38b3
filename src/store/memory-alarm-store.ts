import {
  type AlarmEpisode,
  type AlarmPlace,
  type AlarmSilence,
  type AlarmStore,
  covers,
  type NewAlarm,
  type NewSilence,
  type RaiseOutcome,
} from './alarm-store.ts'
import type { OutboxItem } from './log-store.ts'
import type { MemoryOutboxStore } from './memory-outbox-store.ts'

type Episode = { -readonly [Field in keyof AlarmEpisode]: AlarmEpisode[Field] }

const DAY_MS = 86_400_000

/** The alarms of tests and of the simulator. */
export class MemoryAlarmStore implements AlarmStore {
  readonly #now: () => number
  readonly #outbox: Pick<MemoryOutboxStore, 'add'>
  #episodes: Episode[] = []
  #silences: AlarmSilence[] = []

  constructor(now: () => number, outbox: Pick<MemoryOutboxStore, 'add'>) {
    this.#now = now
    this.#outbox = outbox
  }

  async raise(alarm: NewAlarm, items: readonly OutboxItem[]): Promise<RaiseOutcome> {
    const same = this.#episodes.filter((episode) => episode.code === alarm.code && episode.subject === alarm.subject)
    if (same.some(({ ended }) => !ended || ended.at >= alarm.beganAt)) return { kind: 'known' }
    const told = !this.#silenced(alarm)
    this.#episodes.push({ ...alarm, raisedAt: this.#now(), told, recent: 1 })
    if (told) this.#outbox.add(items)
    return { kind: 'raised', told }
  }

  async tell(id: string, items: readonly OutboxItem[]): Promise<boolean> {
    const episode = this.#openOne(id)
    if (!episode || episode.told || this.#silenced(episode)) return false
    episode.told = true
    this.#outbox.add(items)
    return true
  }

  async clear(id: string, end: { at: number; by: string; affected: number }, items: readonly OutboxItem[]) {
    const episode = this.#openOne(id)
    if (!episode) return false
    // Neither before it began nor in times to come, whatever the clocks of nodes say.
    const at = Math.max(Math.min(end.at, this.#now()), episode.beganAt)
    episode.ended = { at, clearedAt: this.#now(), by: end.by }
    episode.affected = Math.max(episode.affected, end.affected)
    if (episode.told) this.#outbox.add(items)
    return true
  }

  async open(): Promise<readonly AlarmEpisode[]> {
    return this.#shown(({ ended }) => !ended)
  }

  async episodes(limit: number): Promise<readonly AlarmEpisode[]> {
    return this.#shown(() => true)
      .reverse()
      .slice(0, limit)
  }

  async episode(id: string): Promise<AlarmEpisode | undefined> {
    return this.#shown((episode) => episode.id === id)[0]
  }

  async acknowledge(id: string, by: string, note: string): Promise<boolean> {
    const episode = this.#openOne(id)
    if (episode) episode.acknowledged ??= { by, at: this.#now(), note }
    return episode !== undefined
  }

  async silence({ forMs, ...silence }: NewSilence): Promise<AlarmSilence> {
    const known = this.#silences.find(({ id }) => id === silence.id)
    if (known) return known
    const made = { ...silence, until: this.#now() + forMs }
    this.#silences.push(made)
    return made
  }

  async silences(): Promise<readonly AlarmSilence[]> {
    return this.#silences.filter(({ until }) => until > this.#now())
  }

  async unsilence(id: string): Promise<boolean> {
    const index = this.#silences.findIndex((silence) => silence.id === id && silence.until > this.#now())
    if (index >= 0) this.#silences.splice(index, 1)
    return index >= 0
  }

  async forget(olderThanMs: number, limit: number): Promise<number> {
    const until = this.#now() - olderThanMs
    const old = this.#episodes.filter(({ ended }) => ended && ended.clearedAt < until).slice(0, limit)
    this.#episodes = this.#episodes.filter((episode) => !old.includes(episode))
    this.#silences = this.#silences.filter((silence) => silence.until >= until)
    return old.length
  }

  #openOne(id: string): Episode | undefined {
    return this.#episodes.find((episode) => episode.id === id && !episode.ended)
  }

  #silenced(place: AlarmPlace): boolean {
    return this.#silences.some((silence) => silence.until > this.#now() && covers(silence, place))
  }

  #shown(wanted: (episode: AlarmEpisode) => boolean): AlarmEpisode[] {
    return this.#episodes
      .filter(wanted)
      .map((episode) => ({ ...episode, recent: this.#recent(episode) }))
      .sort((one, other) => one.raisedAt - other.raisedAt)
  }

  #recent({ code, subject }: AlarmPlace): number {
    const since = this.#now() - DAY_MS
    return this.#episodes.filter(
      (episode) => episode.code === code && episode.subject === subject && (!episode.ended || episode.raisedAt > since),
    ).length
  }
}
