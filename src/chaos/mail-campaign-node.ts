import { type Clock, pause } from '../base/clock.ts'
import { realRandom } from '../base/real-random-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import type { AlarmsAnswer } from '../protocol/alarm-answers.ts'
import type { OutboxAnswer } from '../protocol/outbox-answers.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { ClusterUnderTest } from './cluster-under-test-node.ts'
import type { SunkMail, ToldAlarm } from './mail-check.ts'
import { MailSink } from './mail-sink-node.ts'
import { PatientCalls } from './patient-calls-node.ts'
import { SeededDice } from './seeded-dice.ts'

export interface MailCampaignOptions {
  readonly kills: number
  readonly seed: number
  readonly clock: Clock
  readonly onStarted: (cluster: { stop(): Promise<void> }) => void
  readonly onProgress: (done: number, total: number, note: string) => void
}

export interface MailCampaignResult {
  readonly kills: number
  /** Who is owed a mail: an address for each conversation whose end was acknowledged. */
  readonly owed: readonly string[]
  /** What came to visitors. */
  readonly received: readonly SunkMail[]
  /** As they were when the last mails were waited for, and when the mails were counted. */
  readonly alarms: { readonly before: readonly ToldAlarm[]; readonly after: readonly ToldAlarm[] }
  /** Of the mails that came to operators: the ids in their Message-IDs. */
  readonly alarmMails: readonly string[]
  /** What was left in the outbox when the patience was over. */
  readonly waiting: number
  readonly deadLetters: number
  /** From the moment when everything ran again until the last mail came; absent: not in time. */
  readonly allSentMs?: number
}

const OPERATORS = 'operators@example.com'
const ALARMS_MAX = 500
const NODES = 3
const VISITORS = 6
const THINKS_MS_MIN = 200
const THINKS_MS_MAX = 1000
// The mail server takes its time to say that it has a mail: nodes die in it.
const HESITATES_MS_MAX = 300
const KILL_EVERY_MS_MIN = 500
const KILL_EVERY_MS_MAX = 2000
const WHOLE_PATIENCE_MS = 60_000
// At the latest, what a node had taken is taken again once its lease of 45 s is over.
const MAIL_PATIENCE_MS = 150_000
const POLL_MS = 100
// Every node runs a new configuration within two seconds.
const EVERYWHERE_MS = 2500

/** Conversations end all the time and owe a mail each, while nodes are killed, often in the middle of sending one. */
export async function mailCampaign(options: MailCampaignOptions): Promise<MailCampaignResult> {
  const { clock, kills, seed, onStarted, onProgress } = options
  onProgress(0, kills, 'starting a cluster')
  const dice = new SeededDice(seed)
  const sink = await MailSink.open(() => pause(clock, dice.between(0, HESITATES_MS_MAX)))
  try {
    const cluster = await ClusterUnderTest.start({ edges: 0, chats: NODES })
    onStarted(cluster)
    try {
      return await new MailCampaign(cluster, sink, options).run()
    } finally {
      await cluster.stop()
    }
  } finally {
    await sink.close()
  }
}

class MailCampaign {
  readonly #cluster: ClusterUnderTest
  readonly #sink: MailSink
  readonly #options: MailCampaignOptions
  readonly #dice: SeededDice
  readonly #calls: PatientCalls
  readonly #owed: string[] = []
  #begun = 0
  #kills = 0

  constructor(cluster: ClusterUnderTest, sink: MailSink, options: MailCampaignOptions) {
    this.#cluster = cluster
    this.#sink = sink
    this.#options = options
    // Other dice than the mail server's, which fall when mails come.
    this.#dice = new SeededDice(options.seed + 1)
    this.#calls = new PatientCalls({ clock: options.clock, dice: this.#dice, operators: () => cluster.operators })
  }

  async run(): Promise<MailCampaignResult> {
    const { clock } = this.#options
    await this.#turnMailOn()
    const talking = Promise.all(Array.from({ length: VISITORS }, () => this.#talk()))
    await this.#torment()
    await talking
    await this.#until(WHOLE_PATIENCE_MS, () => this.#cluster.whole())
    const healedAtMs = clock.monotonicMs()
    const before = await this.#alarms()
    const all = await this.#until(MAIL_PATIENCE_MS, async () => (await this.#outbox()).waiting === 0)
    const allSentMs = clock.monotonicMs() - healedAtMs
    const { waiting, dead } = await this.#outbox()
    const mails = [...this.#sink.mails]
    const after = await this.#alarms()
    return {
      kills: this.#kills,
      owed: this.#owed,
      received: mails.filter(({ to }) => to !== OPERATORS),
      alarms: { before, after },
      alarmMails: mails.filter(({ to }) => to === OPERATORS).map(outboxIdIn),
      waiting,
      deadLetters: dead,
      ...(all && { allSentMs }),
    }
  }

  async #turnMailOn(): Promise<void> {
    const settings = {
      mailServer: `smtp://127.0.0.1:${this.#sink.port}`,
      mailFrom: 'chaos@holdfast.example',
      transcriptMails: true,
      alarmMails: OPERATORS,
    }
    const documents = [{ name: 'settings', text: JSON.stringify(settings), expect: 0 }]
    await this.#post('/api/config/changes', { key: realRandom.id(), reason: 'chaos', documents })
    await pause(this.#options.clock, EVERYWHERE_MS)
  }

  /** One visitor after the other comes, says something and ends the conversation, until the last node was killed. */
  async #talk(): Promise<void> {
    const { clock, kills, seed } = this.#options
    while (this.#kills < kills) {
      await pause(clock, this.#dice.between(THINKS_MS_MIN, THINKS_MS_MAX))
      this.#begun += 1
      const [name, email] = [`Visitor ${this.#begun}`, `visitor-${this.#begun}@example.com`]
      const opening = { key: `mail-${seed}-${this.#begun}`, name, email }
      const { conversation, token } = await this.#post<TokenAnswer>('/api/conversations', opening)
      const path = `/api/conversations/${conversation}`
      await this.#post(`${path}/messages`, { key: 'm', text: `I am ${name}.` }, token)
      await this.#post(`${path}/close`, { key: 'c' }, token)
      this.#owed.push(email)
    }
  }

  async #torment(): Promise<void> {
    const { clock, kills, onProgress } = this.#options
    while (this.#kills < kills) {
      await pause(clock, this.#dice.between(KILL_EVERY_MS_MIN, KILL_EVERY_MS_MAX))
      await this.#until(WHOLE_PATIENCE_MS, () => this.#cluster.whole())
      const name = this.#dice.pick([...this.#cluster.pids.keys()]) ?? 'n1'
      this.#cluster.kill(name)
      this.#kills += 1
      onProgress(this.#kills, kills, `${this.#owed.length} conversations ended, ${this.#sink.mails.length} mails came`)
    }
  }

  /** Those of whom somebody was told. */
  async #alarms(): Promise<readonly ToldAlarm[]> {
    const { open, over } = await this.#calls.get<AlarmsAnswer>(`/api/alarms?limit=${ALARMS_MAX}`)
    return [...open, ...over].filter(({ told }) => told).map(({ id, ended }) => ({ id, ended: ended !== undefined }))
  }

  #outbox(): Promise<OutboxAnswer> {
    return this.#calls.get<OutboxAnswer>('/api/outbox?limit=1')
  }

  #post<Answer>(path: string, body: object, token?: string): Promise<Answer> {
    return this.#calls.ask<Answer>({ method: 'POST', path, body, ...(token !== undefined && { token }) })
  }

  async #until(patienceMs: number, reached: () => Promise<boolean>): Promise<boolean> {
    const patience = { patienceMs, everyMs: POLL_MS }
    return (await waitUntil(this.#options.clock, patience, reached)) !== undefined
  }
}

function outboxIdIn({ messageId }: SunkMail): string {
  const [, encoded = ''] = /^<holdfast\.([^@]*)@/.exec(messageId) ?? []
  return Buffer.from(encoded, 'base64url').toString()
}
