import { type Clock, pause } from '../base/clock.ts'
import type { NodeName } from '../base/ids.ts'
import { realRandom } from '../base/real-random-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import type { ConfigAnswer, ConfigChangeAnswer, ConfigHistoryAnswer } from '../protocol/config-answers.ts'
import { ClusterUnderTest } from './cluster-under-test-node.ts'
import { type AcknowledgedEdit, type RecordedChange, twinOf } from './config-history.ts'
import { PatientCalls } from './patient-calls-node.ts'
import { SeededDice } from './seeded-dice.ts'

export interface ConfigCampaignOptions {
  readonly edits: number
  readonly seed: number
  readonly clock: Clock
  readonly onStarted: (cluster: { stop(): Promise<void> }) => void
  readonly onProgress: (done: number, total: number, note: string) => void
}

export interface ConfigCampaignResult {
  readonly acknowledged: readonly AcknowledgedEdit[]
  /** Edits that were refused because another one was quicker, and made anew. */
  readonly conflicts: number
  /** Answers that did not come; the edit was sent again by its key. */
  readonly lostAnswers: number
  readonly nodeKills: number
  readonly databaseKills: number
  /** Starts of a node while the database was away, and how many of them served their last known configuration. */
  readonly startsWithoutDatabase: number
  readonly servedLastKnown: number
  /** From the moment when everything ran again until all nodes told one digest; absent: not in time. */
  readonly oneDigestMs?: number
  readonly history: readonly RecordedChange[]
  /** What each counter and twin says at the end. */
  readonly documents: Readonly<Record<string, number>>
}

const NODES = 3
const EDITORS = 8
const COUNTERS = 5
// An editor thinks for about a second, so that there is time to die in.
const THINKS_MS_MIN = 400
const THINKS_MS_MAX = 1600
const KILL_EVERY_MS_MIN = 1000
const KILL_EVERY_MS_MAX = 2500
// A killed node is started after a second and must find the database away.
const AWAY_MS = 6000
const WHOLE_PATIENCE_MS = 60_000
const DIGEST_PATIENCE_MS = 10_000
const POLL_MS = 50
const PAGE = 200
const CONFIGURATION = { method: 'GET', path: '/api/config' } as const

/** Edits of the configuration by many at once, while nodes and the database are killed under them. */
export async function configCampaign(options: ConfigCampaignOptions): Promise<ConfigCampaignResult> {
  options.onProgress(0, options.edits, 'starting a cluster')
  const cluster = await ClusterUnderTest.start({ edges: 0, chats: NODES })
  options.onStarted(cluster)
  try {
    return await new ConfigCampaign(cluster, options).run()
  } finally {
    await cluster.stop()
  }
}

class ConfigCampaign {
  readonly #cluster: ClusterUnderTest
  readonly #options: ConfigCampaignOptions
  readonly #dice: SeededDice
  readonly #calls: PatientCalls
  readonly #acknowledged: AcknowledgedEdit[] = []
  readonly #counts = {
    conflicts: 0,
    nodeKills: 0,
    databaseKills: 0,
    startsWithoutDatabase: 0,
    servedLastKnown: 0,
  }
  /** Nodes that were killed, the last one at the end. */
  readonly #killed = new Set<NodeName>()
  #begun = 0

  constructor(cluster: ClusterUnderTest, options: ConfigCampaignOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#dice = new SeededDice(options.seed)
    this.#calls = new PatientCalls({ clock: options.clock, dice: this.#dice, operators: () => cluster.operators })
  }

  async run(): Promise<ConfigCampaignResult> {
    const { clock } = this.#options
    const editing = Promise.all(Array.from({ length: EDITORS }, () => this.#edit()))
    await this.#torment()
    await editing
    await this.#until(WHOLE_PATIENCE_MS, () => this.#cluster.whole())
    const healedAtMs = clock.monotonicMs()
    const one = await this.#until(DIGEST_PATIENCE_MS, () => this.#oneDigest())
    const oneDigestMs = clock.monotonicMs() - healedAtMs
    return {
      ...this.#counts,
      lostAnswers: this.#calls.lost,
      acknowledged: this.#acknowledged,
      ...(one && { oneDigestMs }),
      history: await this.#history(),
      documents: await this.#documents(),
    }
  }

  /** One editor after another edit, until all are made. */
  async #edit(): Promise<void> {
    while (this.#begun < this.#options.edits) {
      const counter = `text/counter-${this.#begun % COUNTERS}`
      this.#begun += 1
      await pause(this.#options.clock, this.#dice.between(THINKS_MS_MIN, THINKS_MS_MAX))
      await this.#raise(counter)
      this.#options.onProgress(this.#acknowledged.length, this.#options.edits, `${this.#counts.nodeKills} nodes killed`)
    }
  }

  /** Reads a counter and writes the next value, with its twin, until that is acknowledged. */
  async #raise(counter: string): Promise<void> {
    for (;;) {
      const { documents } = await this.#calls.get<ConfigAnswer>('/api/config')
      const read = (name: string) => documents.find((document) => document.name === name)
      const value = valueIn(read(counter)?.value) + 1
      const change = {
        key: realRandom.id(),
        reason: 'chaos',
        documents: [counter, twinOf(counter)].map((name) => ({
          name,
          text: JSON.stringify({ title: name, body: String(value) }),
          expect: read(name)?.revision ?? 0,
        })),
      }
      const call = { method: 'POST', path: '/api/config/changes', body: change } as const
      const answer = await this.#calls.settle<ConfigChangeAnswer>(call)
      if (answer === 'conflict') this.#counts.conflicts += 1
      else return void this.#acknowledged.push({ counter, value, revision: answer.revision })
    }
  }

  /** Kills nodes as long as there are edits to come, and the database twice in the middle. */
  async #torment(): Promise<void> {
    const { clock, edits } = this.#options
    const databaseKillsAt = [edits / 3, (2 * edits) / 3]
    while (this.#acknowledged.length < edits) {
      await pause(clock, this.#dice.between(KILL_EVERY_MS_MIN, KILL_EVERY_MS_MAX))
      if (this.#acknowledged.length >= edits) return
      await this.#until(WHOLE_PATIENCE_MS, () => this.#cluster.whole())
      const due = databaseKillsAt[this.#counts.databaseKills]
      if (due !== undefined && this.#acknowledged.length >= due) await this.#killDatabaseAndNode()
      else this.#killNode()
    }
  }

  #killNode(name = this.#dice.pick([...this.#cluster.pids.keys()]) ?? 'n1'): void {
    this.#counts.nodeKills += 1
    this.#killed.delete(name)
    this.#killed.add(name)
    this.#cluster.kill(name)
  }

  /** A supervisor waits longer and longer before it starts again what it started a moment ago. */
  #longestUp(): NodeName {
    const names = [...this.#cluster.pids.keys()]
    return names.find((name) => !this.#killed.has(name)) ?? this.#killed.values().next().value ?? 'n1'
  }

  /** A node that dies while the database is away starts by what it remembers. */
  async #killDatabaseAndNode(): Promise<void> {
    this.#counts.databaseKills += 1
    this.#counts.startsWithoutDatabase += 1
    const back = this.#cluster.restartDatabase(AWAY_MS)
    const name = this.#longestUp()
    this.#killNode(name)
    const url = this.#cluster.operators.urls[Number(name.slice(1)) - 1] ?? ''
    let served = false
    const seen = this.#until(AWAY_MS - 500, async () => {
      const answer = await this.#calls.once<ConfigAnswer>(url, CONFIGURATION)
      served ||= answer.kind === 'answer' && answer.body.known === 'last-known' && answer.body.revision > 0
      return served
    })
    await Promise.all([back, seen])
    if (served) this.#counts.servedLastKnown += 1
  }

  async #oneDigest(): Promise<boolean> {
    const { urls } = this.#cluster.operators
    const answers = await Promise.all(urls.map((url) => this.#calls.once<ConfigAnswer>(url, CONFIGURATION)))
    const digests = new Set(answers.map((answer) => (answer.kind === 'answer' ? answer.body.digest : 'none')))
    return digests.size === 1 && !digests.has('none')
  }

  async #history(): Promise<readonly RecordedChange[]> {
    const changes: RecordedChange[] = []
    for (;;) {
      const before = changes.at(-1)?.revision
      const query = `limit=${PAGE}${before === undefined ? '' : `&before=${before}`}`
      const page = await this.#calls.get<ConfigHistoryAnswer>(`/api/config/history?${query}`)
      changes.push(...page.changes.map(({ revision, diffs }) => ({ revision, values: valuesOf(diffs) })))
      if (page.changes.length < PAGE) return changes
    }
  }

  async #documents(): Promise<Readonly<Record<string, number>>> {
    const { documents } = await this.#calls.get<ConfigAnswer>('/api/config')
    return Object.fromEntries(documents.map(({ name, value }) => [name, valueIn(value)]))
  }

  async #until(patienceMs: number, reached: () => Promise<boolean>): Promise<boolean> {
    const patience = { patienceMs, everyMs: POLL_MS }
    return (await waitUntil(this.#options.clock, patience, reached)) !== undefined
  }
}

function valueIn(value: unknown): number {
  const body = typeof value === 'object' && value !== null && 'body' in value ? Number(value.body) : 0
  return Number.isInteger(body) ? body : 0
}

/** What a change made of each document's `body`. */
function valuesOf(diffs: ConfigHistoryAnswer['changes'][number]['diffs']): Readonly<Record<string, number>> {
  const values = diffs.map(({ document, fields }) => {
    const after = fields.find(({ field }) => field === 'body')?.after
    return [document, Number(after === undefined ? 0 : JSON.parse(after))] as const
  })
  return Object.fromEntries(values)
}
